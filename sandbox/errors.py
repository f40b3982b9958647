"""What a user did wrong, told in one line."""


class UserError(Exception):
    """A mistake or a lack that the user can mend.

    The message is one line: what is wrong, and what to do about it. The command
    line prints it without a traceback and exits with 2.
    """

"""Which rules of a style sheet can apply to the pages? The others are left out.

A selector is taken apart into what it asks of one element each: `.md-nav a[href]` asks
for an element of a class, and for an `a` with an attribute. If no page has an element
for one of these, the selector never applies. How elements lie in each other is not
looked at; so more is kept than is needed, and never less.

Scripts make elements too, and give classes and attributes to those of the page. The
names of these stand in strings of the scripts. So any element may get each name that
stands there.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from html.parser import HTMLParser
from itertools import product
from typing import Any, NamedTuple, cast

import tinycss2
from cssselect2 import (  # pyright: ignore[reportMissingTypeStubs]
    parser as selector_parser,
)
from tinycss2.ast import WhitespaceToken

# What is asked of an element, as CSS writes it: `a`, `.class`, `#id`, `[name]`,
# `[name=value]`.
Facts = frozenset[str]

START_TAG = re.compile(r"""<[a-z](?:[^<>"']|"[^"]*"|'[^']*')*>""")
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`(?:[^`\\]|\\.)*`')
WORD = re.compile(r"[\w-]+")
# The theme has rules for twenty tabs. The second of a set has the id __tabbed_1_2.
TAB = re.compile(r"__tabbed_\d+_(\d+)")
PROPERTY = re.compile(r"--[\w-]+")

# Which way a text runs: the theme's script reads it, and no script sets it.
NEVER_SET = "dir"

# What the theme's script makes only for pages that ask for it: how the names begin, and
# what stands in the HTML of such a page.
MADE_FOR = {
    "footnote": 'class="footnote',
    "md-annotation": r"content\.code\.annotate|class=\"(?:[^\"]* )?annotate\b",
    "md-source": "md-source",
    "md-status": "md-status",
    "md-tag": "md-tag",
    "md-version": r'"version": \{',
    "mermaid": "mermaid",
    "--md-mermaid": "mermaid",
    "tabbed": "tabbed-set",
}

SPACE = ("whitespace", "comment")


class Selector(NamedTuple):
    """A selector, and for each of its elements the kinds of which one must be there."""

    text: str
    asks: list[list[Facts]]


class Declaration(NamedTuple):
    """What a rule sets, and to what."""

    name: str
    text: str


class Rule(NamedTuple):
    """What some selectors declare."""

    selectors: list[Selector]
    declarations: list[Declaration]


class Group(NamedTuple):
    """An at-rule that holds rules, such as `@media print`."""

    head: str
    rules: "list[Rule | Group | Frames]"


class Frames(NamedTuple):
    """An animation, `@keyframes`."""

    name: str
    text: str


Rules = list[Rule | Group | Frames]


class Seen:
    """What the pages have, and what scripts can make of it.

    Args:
        pages: the HTML of each page.
        scripts: the JavaScript that runs in them.
        sheets: the style sheets of which rules are wanted.
    """

    def __init__(
        self, pages: Iterable[str], scripts: Iterable[str], sheets: Iterable[str]
    ) -> None:
        html = "\n".join(pages)
        strings = "\n".join(s for script in scripts for s in STRING.findall(script))
        never = tuple(n for n, trace in MADE_FOR.items() if not re.search(trace, html))
        self._words = {w for w in WORD.findall(strings) if not w.startswith(never)}
        self.properties = {
            name
            for name in {*PROPERTY.findall(html), *PROPERTY.findall(strings)}
            if not name.startswith(never)
        }
        asked = {
            fact
            for sheet in sheets
            for selector in _all_selectors(parsed(sheet))
            for kinds in selector.asks
            for kind in kinds
            for fact in kind
        }
        # Of some thousand tags, some hundred that differ in what is asked.
        self._elements = {_facts(t) & asked for t in set(START_TAG.findall(html))}
        self._facts = frozenset[str]().union(*self._elements)
        self._had: dict[Facts, bool] = {}

    def has(self, asked: Facts) -> bool:
        """Whether all this is true of an element, or can become so."""
        if asked not in self._had:
            given = {fact for fact in asked if not self._can_be_given(fact)}
            # What is left may be the name of an element that a script makes.
            self._had[asked] = given <= self._words or any(
                given <= element for element in self._elements
            )
        return self._had[asked]

    def _can_be_given(self, fact: str) -> bool:
        if fact[0] not in ".[":
            return False
        name, _, value = fact.strip(".[]").partition("=")
        if name == NEVER_SET or name not in self._words:
            return False
        return not value or value in self._words or fact in self._facts


@cache
def _facts(tag: str) -> Facts:
    """What is true of the element of a start tag."""
    facts: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(
            self, tag: str, attrs: list[tuple[str, str | None]]
        ) -> None:
            facts.add(tag)
            for name, value in attrs:
                facts.update((f"[{name}]", f"[{name}={value or ''}]"))
                if name == "class":
                    facts.update(f".{word}" for word in (value or "").split())
                elif name == "id":
                    facts.add(f"#{value}")
                    if tab := TAB.fullmatch(value or ""):
                        facts.add(f":nth-child({tab[1]})")

    Reader().feed(tag)
    return frozenset(facts)


def needed(
    sheets: Sequence[str], pages: Iterable[str], scripts: Iterable[str]
) -> list[str]:
    """Leave out of style sheets what can't apply to any page.

    Args:
        sheets: the style sheets; what one of them sets, another may use.
        pages: the HTML of each page.
        scripts: the JavaScript that runs in them.

    Returns:
        What is left of each sheet, in the order in which it was, without comments and
        line ends.

    Raises:
        ValueError: a part of a style sheet can't be read.
    """
    seen = Seen(pages, scripts, sheets)
    left = [_applying(parsed(sheet), seen) for sheet in sheets]
    declared = [found for rules in left for found in _declarations(rules)]
    properties = _used_properties(declared, seen.properties)
    animations = {
        word
        for name, text in declared
        if name.startswith("animation")
        for word in WORD.findall(text)
    }
    return ["".join(_written(rules, properties, animations)) for rules in left]


@lru_cache
def parsed(sheet: str) -> Rules:
    """The rules of a style sheet, which are kept: they seldom change between builds.

    Raises:
        ValueError: a part of the style sheet can't be read.
    """
    return list(_rules(tinycss2.parse_stylesheet(sheet, True, True)))


def _rules(nodes: Iterable[Any]) -> Iterator[Rule | Group | Frames]:
    for node in nodes:
        if node.type == "qualified-rule":
            yield Rule(_selectors(node.prelude), _read_declarations(node.content))
        elif node.type == "at-rule" and node.lower_at_keyword == "charset":
            pass  # All is UTF-8.
        elif node.type == "at-rule" and node.lower_at_keyword == "keyframes":
            name = _text(node.prelude)
            yield Frames(name, f"@keyframes {name}{{{_text(node.content)}}}")
        elif node.type == "at-rule" and node.lower_at_keyword == "page":
            page = Selector(f"@page {_text(node.prelude)}".strip(), [])
            yield Rule([page], _read_declarations(node.content))
        elif node.type == "at-rule" and node.lower_at_keyword in (
            "media",
            "supports",
            "container",
        ):
            content = tinycss2.parse_rule_list(node.content, True, True)
            head = f"@{node.at_keyword} {_text(node.prelude)}"
            yield Group(head, list(_rules(content)))
        else:
            raise ValueError(f"line {node.source_line}: {_text([node])[:60]}")


def _read_declarations(content: list[Any]) -> list[Declaration]:
    read: list[Declaration] = []
    for node in tinycss2.parse_declaration_list(content, True, True):
        if node.type != "declaration":
            raise ValueError(f"line {node.source_line}: {_text([node])[:60]}")
        important = "!important" if node.important else ""
        text = f"{node.name}:{_text(node.value)}{important}"
        read.append(Declaration(node.name, text))
    return read


def _selectors(prelude: list[Any]) -> list[Selector]:
    """The selectors of a list, each on its own."""
    parts: list[list[Any]] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [Selector(_text(part), _asks(part)) for part in parts]


def _asks(tokens: list[Any]) -> list[list[Facts]]:
    # A part of an element, as ::-webkit-scrollbar: the parser knows only some of them.
    for at, token in enumerate(tokens):
        if token == ":" and tokens[at + 1] == ":":
            tokens = tokens[:at]
            break
    if not tokens or tokens[-1].type in SPACE:
        tokens = [*tokens, *tinycss2.parse_component_value_list("*")]
    (selector,) = cast(Iterator[Any], selector_parser.parse(tokens))
    return [_kinds(compound) for compound in _compounds(selector.parsed_tree)]


def _compounds(tree: Any) -> Iterator[Any]:
    while isinstance(tree, selector_parser.CombinedSelector):
        yield tree.right
        tree = tree.left
    yield tree


def _kinds(compound: Any) -> list[Facts]:
    """The kinds of element that fit a part of a selector: several if it has :is()."""
    choices: list[list[Facts]] = []
    for simple in compound.simple_selectors:
        match simple:
            case selector_parser.LocalNameSelector():
                choices.append([frozenset({simple.lower_local_name})])
            case selector_parser.ClassSelector():
                choices.append([frozenset({f".{simple.class_name}"})])
            case selector_parser.IDSelector():
                choices.append([frozenset({f"#{simple.ident}"})])
            case selector_parser.AttributeSelector():
                value = f"={simple.value}" if simple.operator == "=" else ""
                choices.append([frozenset({f"[{simple.lower_name}{value}]"})])
            case (
                selector_parser.MatchesAnySelector()
                | selector_parser.SpecificityAdjustmentSelector()
            ):
                ends = [next(_compounds(s.parsed_tree)) for s in simple.selector_list]
                choices.append([kind for end in ends for kind in _kinds(end)])
            case selector_parser.FunctionalPseudoClassSelector() if number := _tab(
                simple, compound
            ):
                choices.append([frozenset({f":nth-child({number})"})])
            case _:
                pass  # A state, or what must not be so: both may come.
    return [frozenset[str]().union(*facts) for facts in product(*choices)]


def _tab(simple: Any, compound: Any) -> str:
    """The number in `input:nth-child(4)`: inputs are what tabs are switched by."""
    (first, *_) = compound.simple_selectors
    of_input = isinstance(first, selector_parser.LocalNameSelector)
    if of_input and first.lower_local_name == "input" and simple.name == "nth-child":
        number = _text(simple.arguments)
        return number if number.isdecimal() else ""
    return ""


def _applying(rules: Rules, seen: Seen) -> Rules:
    kept: Rules = []
    for rule in rules:
        match rule:
            case Rule(selectors, declarations):
                left = [
                    selector
                    for selector in selectors
                    if all(any(map(seen.has, kinds)) for kinds in selector.asks)
                ]
                if left:
                    kept.append(Rule(left, declarations))
            case Group(head, inner):
                if left := _applying(inner, seen):
                    kept.append(Group(head, left))
            case _:
                kept.append(rule)
    return kept


def _all_selectors(rules: Rules) -> Iterator[Selector]:
    for rule in rules:
        match rule:
            case Rule():
                yield from rule.selectors
            case Group():
                yield from _all_selectors(rule.rules)
            case _:
                pass


def _declarations(rules: Rules) -> Iterator[Declaration]:
    for rule in rules:
        match rule:
            case Rule():
                yield from rule.declarations
            case Group():
                yield from _declarations(rule.rules)
            case _:
                pass


def _used_properties(declared: list[Declaration], named: set[str]) -> set[str]:
    """The custom properties that something uses, also by way of others."""
    uses: dict[str, set[str]] = {}
    used = set(named)
    for name, text in declared:
        found = set(PROPERTY.findall(text))
        if name.startswith("--"):
            uses.setdefault(name, set()).update(found)
        else:
            used |= found
    waiting = list(used)
    while waiting:
        more = uses.get(waiting.pop(), set()) - used
        used |= more
        waiting.extend(more)
    return used


def _written(rules: Rules, properties: set[str], animations: set[str]) -> Iterator[str]:
    for rule in rules:
        match rule:
            case Rule(selectors, declarations):
                left = [
                    text
                    for name, text in declarations
                    if not name.startswith("--") or name in properties
                ]
                if left:
                    heads = ",".join(selector.text for selector in selectors)
                    yield f"{heads}{{{';'.join(left)}}}"
            case Group(head, inner):
                if text := "".join(_written(inner, properties, animations)):
                    yield f"{head}{{{text}}}"
            case Frames(name, text):
                if name in animations:
                    yield text


def _text(tokens: Iterable[Any]) -> str:
    """Tokens as text, with one blank for several, and none at the ends."""
    return tinycss2.serialize(_squeezed(tokens)).strip()


def _squeezed(tokens: Iterable[Any]) -> list[Any]:
    squeezed: list[Any] = []
    for token in tokens:
        if token.type in SPACE:
            if squeezed and squeezed[-1].type in SPACE:
                continue
            token = WhitespaceToken(0, 0, " ")
        elif token.type == "function":
            token.arguments = _squeezed(token.arguments)
        elif token.type.endswith("block"):
            token.content = _squeezed(token.content)
        squeezed.append(token)
    return squeezed

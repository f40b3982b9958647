"""Which rules of a style sheet can apply to a page? The others are left out.

A selector is taken apart into what it asks of one element each: `.md-nav a[href]` asks
for an element of a class, and for an `a` with an attribute. If a page has no element
for one of these, the selector never applies there. How elements lie in each other is
not looked at; so more is kept than is needed, and never less.

Scripts make elements too, and give classes and attributes to those of the page. The
names of these stand in strings of the scripts. So any element may get each name that
stands there.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
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

# What the theme's script would make of a page, were it allowed to do more than search
# (theme/assets/search.js): how the names begin.
NEVER_MADE = (
    "footnote",
    "md-annotation",
    "md-code",
    "md-dialog",
    "md-source",
    "md-status",
    "md-tag",
    "md-tooltip",
    "md-version",
    "mermaid",
    "--md-mermaid",
    "tabbed",
)

# What readers do to an element, and what scripts set without its name in a string.
SET_BY_ITSELF = ("open", "hidden")

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
    """What a page has, and what scripts can make of it.

    Args:
        html: the HTML of the page, or of several.
        scripts: the JavaScript that runs in it.
        sheet: the style sheet of which rules are wanted.
    """

    def __init__(self, html: str, scripts: Iterable[str], sheet: str) -> None:
        strings = "\n".join(s for script in scripts for s in STRING.findall(script))
        self._words = {w for w in WORD.findall(strings) if not w.startswith(NEVER_MADE)}
        self.named = {
            name
            for name in {*PROPERTY.findall(html), *PROPERTY.findall(strings)}
            if not name.startswith(NEVER_MADE)
        }
        asked = _asked(sheet)
        # Of some thousand tags, some hundred that differ in what is asked.
        self._elements = {_facts(t) & asked for t in set(START_TAG.findall(html))}
        self._facts = frozenset[str]().union(*self._elements)
        self._had: dict[Facts, bool] = {}

    def applies(self, selector: Selector) -> bool:
        """Whether there is an element for each part of a selector, or can be."""
        return all(any(map(self.has, kinds)) for kinds in selector.asks)

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
        if name in SET_BY_ITSELF and not value:
            return True
        if name == NEVER_SET or name not in self._words:
            return False
        return not value or value in self._words or fact in self._facts


@lru_cache
def _asked(sheet: str) -> set[str]:
    """All that the selectors of a style sheet ask for."""
    return {
        fact
        for selector in _all_selectors(parsed(sheet))
        for kinds in selector.asks
        for kind in kinds
        for fact in kind
    }


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
    sheet: str,
    seen: Seen,
    *,
    paper: bool = False,
    only: Callable[[Selector], bool] = lambda selector: True,
    known: Collection[str] = (),
) -> str:
    """Leave out of a style sheet what can't apply to what was seen.

    Args:
        sheet: the style sheet.
        seen: the page, and what scripts make of it.
        paper: whether the rules for paper are wanted, and not those for screens.
        only: which selectors are wanted.
        known: custom properties that are set elsewhere.

    Returns:
        What is left, in the order in which it was, without comments and line ends. Each
        custom property that is used is also set.

    Raises:
        ValueError: a part of the style sheet can't be read.
    """
    screen = _applying(_on(parsed(sheet), paper=False), seen.applies)
    if paper:
        rules = _applying(_on(parsed(sheet), paper=True), seen.applies)
    else:
        rules = _applying(screen, only)
    uses = _Uses(rules, screen, seen.named)
    used = uses.properties.difference(known)
    # What was left out may set what is used.
    before = [] if rules == screen else _only_properties(screen)
    # Rules for paper set what those for screens use.
    here = used | properties(sheet, seen) if paper else used
    return "".join(
        [
            *_written(before, used, uses.animations),
            *_written(rules, here, uses.animations),
        ]
    )


def properties(sheet: str, seen: Seen) -> set[str]:
    """The custom properties that `needed` sets for what was seen."""
    rules = _applying(_on(parsed(sheet), paper=False), seen.applies)
    return _Uses(rules, rules, seen.named).properties


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
    names = {declaration.name for declaration in read}
    # What every browser has by its own name since 2023.
    return [
        d
        for d in read
        if not (d.name.startswith("-webkit-mask") and d.name[8:] in names)
    ]


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


def _on(rules: Rules, paper: bool) -> Rules:
    """The rules that hold on paper only, or the others."""

    def for_paper(rule: Rule | Group | Frames) -> bool:
        match rule:
            case Rule(selectors):
                return selectors[0].text.startswith("@page")
            case Group(head):
                return head.startswith("@media print")
            case _:
                return paper

    return [rule for rule in rules if for_paper(rule) == paper]


def _applying(rules: Rules, applies: Callable[[Selector], bool]) -> Rules:
    kept: Rules = []
    for rule in rules:
        match rule:
            case Rule(selectors, declarations):
                if left := list(filter(applies, selectors)):
                    kept.append(Rule(left, declarations))
            case Group(head, inner):
                if left := _applying(inner, applies):
                    kept.append(Group(head, left))
            case _:
                kept.append(rule)
    return kept


def _only_properties(rules: Rules) -> Rules:
    """Where custom properties are set, and nothing else of the rules."""
    kept: Rules = []
    for rule in rules:
        match rule:
            case Rule(selectors, declarations):
                left = [d for d in declarations if d.name.startswith("--")]
                kept.append(Rule(selectors, left))
            case Group(head, inner):
                kept.append(Group(head, _only_properties(inner)))
            case _:
                pass
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


class _Uses:
    """The custom properties and animations that rules use, also by way of others.

    Args:
        rules: the rules.
        all_rules: these, and others that set properties.
        named: the properties that pages and scripts name.
    """

    def __init__(self, rules: Rules, all_rules: Rules, named: set[str]) -> None:
        self.properties = set(named)
        self.animations = set[str]()
        for name, text in _declarations(rules):
            if not name.startswith("--"):
                self.properties.update(PROPERTY.findall(text))
            if name.startswith("animation"):
                self.animations.update(WORD.findall(text))
        by_property: dict[str, set[str]] = {}
        for name, text in [*_declarations(all_rules), *_declarations(rules)]:
            if name.startswith("--"):
                by_property.setdefault(name, set()).update(PROPERTY.findall(text))
        waiting = list(self.properties)
        while waiting:
            more = by_property.get(waiting.pop(), set()) - self.properties
            self.properties |= more
            waiting.extend(more)


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

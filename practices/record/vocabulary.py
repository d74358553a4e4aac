"""A closed list of terms that a record may use, looked up by code."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches


@dataclass(frozen=True)
class Term:
    """One word of a vocabulary: WOCAT's keyword, the code in records, the label, and its kind."""

    keyword: str
    code: str
    label: str
    group: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """A closed list of terms, looked up by code."""

    name: str
    title: str
    terms: tuple[Term, ...]
    by_code: dict[str, Term] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", {term.code: term for term in self.terms})

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in the order of the list."""
        return tuple(self.by_code)

    def label(self, code: str) -> str:
        """What people read for a code; the code itself where it is not in the list."""
        term = self.by_code.get(code)
        return term.label if term else code

    def nearest(self, wrong: str) -> Term | None:
        """The term that was probably meant, by code, keyword or label in any case; None if no term is similar."""
        names = {name.casefold(): term for term in self.terms for name in (term.label, term.keyword, term.code)}
        near = get_close_matches(wrong.strip().casefold(), list(names), n=1, cutoff=0.5)
        return names[near[0]] if near else None


def keyed(name: str, title: str, prefix: str, entries: dict[str, str]) -> Vocabulary:
    """A vocabulary whose codes are keywords with a common beginning."""
    return Vocabulary(name, title, tuple(Term(prefix + key, prefix + key, label) for key, label in entries.items()))


def coded(name: str, title: str, prefix: str, groups: dict[str, dict[str, str]]) -> Vocabulary:
    """A vocabulary of codes in groups; the keyword is the beginning and the code in small letters."""
    terms = (
        Term(prefix + code.lower(), code, label, group)
        for group, entries in groups.items()
        for code, label in entries.items()
    )
    return Vocabulary(name, title, tuple(terms))

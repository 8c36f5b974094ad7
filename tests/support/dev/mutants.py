# SPDX-License-Identifier: Apache-2.0
"""Finds the conditions in C++ text and plants a switch at each of their operands.

What counts: the conditions of if, while, for and ?:, the operands of && and ||, and a comparison
or negation that is returned or kept in a bool. It reads tokens, not C++: what it does not
understand stays as it is.
"""
import bisect
import re

_BOUNDS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_TOKEN = re.compile(r"""//[^\n]*|/\*.*?\*/|R"(?P<raw>\w*)\(.*?\)(?P=raw)"|"(?:\\.|[^"\\\n])*"|"""
                    r"""'(?:\\.|[^'\\\n])+'|\#[^\n]*|[A-Za-z_]\w*|[0-9][\w.']*|"""
                    r"""<=>|<<=?|>>=?|->|::|[&|]{2}|[<>=!+\-*/%&|^]=|\s+|.""", re.S)
_OPEN = {"(": ")", "[": "]", "{": "}"}
_COMPARE = {"==", "!=", "<", ">", "<=", ">="}
_DECLARATION = re.compile(r"\s*(?:const\s+)?[A-Za-z_][\w:<>,\s]*[\s*&]+([a-z_]\w*)\s*=[^=]", re.S)


class Token:
    def __init__(self, text, at):
        self.text, self.at, self.end = text, at, at + len(text)


def tokens_of(text):
    """Without white space, comments and directives."""
    found = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        if not word.isspace() and not word.startswith(("//", "/*", "#")):
            found.append(Token(word, match.start()))
    return found


class Planter:
    def __init__(self, text, first, skipped):
        self.text, self.number, self.skipped = text, first, skipped
        self.tokens = tokens_of(text)
        self.lines = [m.start() for m in re.finditer("^", text, re.M)]
        self.edits = {}  # (start, end) → replacement
        self.found = []
        self.match = self._matches()

    def _matches(self):
        """Index of a bracket → index of the one that closes it."""
        stack, found = [], {}
        for i, token in enumerate(self.tokens):
            if token.text in _OPEN:
                stack.append(i)
            elif token.text in _OPEN.values() and stack:
                found[stack.pop()] = i
        return found

    def line(self, at):
        return bisect.bisect_right(self.lines, at)

    def plant(self):
        for i, token in enumerate(self.tokens):
            if token.text in ("if", "while") and self._text(i + 1) == "(":
                self._condition(i + 2, self.match[i + 1])
            elif token.text == "for" and self._text(i + 1) == "(":
                self._for(i + 2, self.match[i + 1])
            elif token.text == "return" or self._begins_bool(i):
                begin = i + 1 if token.text == "return" else i + 3
                self._value(begin, self._statement_end(begin))
            elif token.text == "?":
                begin = self._ternary_begin(i)
                self._operands(begin, i)
        return self._apply(), self.found

    def _text(self, i):
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def _begins_bool(self, i):
        return self._text(i) == "bool" and self._text(i + 2) == "=" and self._text(i - 1) != "constexpr"

    def _skip(self, i):
        """The next token at the same depth."""
        return self.match[i] + 1 if i in self.match else i + 1

    def _statement_end(self, i):
        while i < len(self.tokens) and self._text(i) not in (";", ")", "}"):
            i = self._skip(i)
        return i

    def _ternary_begin(self, i):
        """The start of what is asked: back to what cannot be a part of it."""
        depth, at = 0, i - 1
        while at >= 0:
            word = self._text(at)
            if word in _OPEN.values():
                depth += 1
            elif word in _OPEN:
                if depth == 0:
                    break
                depth -= 1
            elif depth == 0 and word in (";", ",", "=", "return", ":", "?", "<<", "+", "+="):
                break
            at -= 1
        return at + 1

    def _for(self, begin, end):
        parts, at = [begin], begin
        while at < end:
            if self._text(at) == ";":
                parts.append(at + 1)
            at = self._skip(at)
        if len(parts) == 3:
            self._condition(parts[1], parts[2] - 1)

    def _condition(self, begin, end):
        at = begin
        while at < end:
            if self._text(at) == ";":
                begin = at + 1
            at = self._skip(at)
        if begin >= end:
            return
        source = self.text[self.tokens[begin].at:self.tokens[end - 1].end]
        declared = _DECLARATION.match(source + ";")
        if declared:
            self._leaf(begin, end, declared.group(1))
        else:
            self._operands(begin, end)

    def _value(self, begin, end):
        """A value that is a bool for sure: something is compared, joined or negated."""
        words, at = [], begin
        while at < end:
            words.append(self._text(at))
            at = self._skip(at)
        if "?" in words or "[" == self._text(begin):
            return
        sure = any(w in ("&&", "||", "==", "!=", "<=", ">=") for w in words) or words[:1] == ["!"]
        if sure or (any(w in "<>" for w in words) and "::" not in words):
            self._operands(begin, end)

    def _operands(self, begin, end):
        """Splits at && and ||, also within brackets of its own."""
        while self._text(begin) == "(" and self.match.get(begin) == end - 1:
            begin, end = begin + 1, end - 1
        cuts, at = [begin], begin
        while at < end:
            if self._text(at) in ("&&", "||"):
                cuts.append(at + 1)
            at = self._skip(at)
        if len(cuts) == 1:
            self._leaf(begin, end)
            return
        for start, stop in zip(cuts, [*(c - 1 for c in cuts[1:]), end]):
            self._operands(start, stop)

    def _leaf(self, begin, end, declared=""):
        if begin >= end:
            return
        at, stop = self.tokens[begin].at, self.tokens[end - 1].end
        line = self.line(at)
        if self._text(begin) in ("constexpr", "true", "false") or line in self.skipped or any(
                a < stop and at < b for a, b in self.edits):
            return
        source = self.text[at:stop]
        bound = None if declared else self._bound(begin, end)
        kinds = ["always true", "always false"] + (["other bound"] if bound else [])
        ids = []
        for kind in kinds:
            ids.append(self.number)
            self.found.append({"number": self.number, "line": line,
                               "column": at - self.lines[line - 1] + 1, "kind": kind,
                               "text": " ".join(source.split())})
            self.number += 1
        true, false = (f"weft_mutants::is({i})" for i in ids[:2])
        if declared:
            self.edits[at, stop] = f"{source}; {true} || (!{false} && ({declared}))"
            return
        tested = f"(weft_mutants::is({ids[2]}) ? bool({bound}) : bool({source}))" if bound else source
        self.edits[at, stop] = f"({true} || (!{false} && bool({tested})))"

    def _bound(self, begin, end):
        """The text with the comparison's bound taken or left; None if it does not compare order."""
        at, found = begin, []
        while at < end:
            if self._text(at) in _COMPARE:
                found.append(at)
            at = self._skip(at)
        if len(found) != 1 or self._text(found[0]) not in _BOUNDS:
            return None
        token = self.tokens[found[0]]
        first, last = self.tokens[begin].at, self.tokens[end - 1].end
        return self.text[first:token.at] + _BOUNDS[token.text] + self.text[token.end:last]

    def _apply(self):
        text = self.text
        for (at, stop), changed in sorted(self.edits.items(), reverse=True):
            text = text[:at] + changed + text[stop:]
        return text


def plant(text, first=1, skipped=()):
    """(text with switches, mutants): numbers from `first`; nothing on the lines `skipped`."""
    return Planter(text, first, skipped).plant()

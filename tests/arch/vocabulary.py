# SPDX-License-Identifier: Apache-2.0
"""One word for each thing, and the field's own: docs/glossary.md. RETIRED are the private words
this project once used. A check yields (path, line, message) for every breach."""
import re

PAGE = "docs/glossary.md"  # may say what a word was called before
RETIRED = (
    (r"[Nn]arrator|\bnarrat(?:e|es|ed|ing)\b", "EngineTracer"),
    (r"\b[Ss]tory\b|\b[Ss]tories\b|StoryTeller|StorySink", "SpanTree"),
    (r"\b[Dd]eeds?\b", "pending I/O"),
    (r"SpanIdentity", "SpanContext"),
    (r"\b(?:task_)?xid\b", "exchange_id, current_exchange"),
    (r"\b[Rr]ungs?\b|--rung", "hook type"),
    (r"\b[Ll]adders?\b", "fallback chain"),
    (r"\b[Tt]wins?\b|cfg_twins", "shadow program"),
    (r"\bSights?\b|\brivals\b", "EnginePresence, candidates"),
    (r"WEFT_DATA_(?:TURN|WATCHED|UNBROKEN|UNSEEN|BEFORE)", "WEFT_DATA_(DIR_CHANGE, POLLED, NO_SLEEP, NO_PAYLOAD, PRE_SEND)"),
    (r"\bis_turn\b|\bturns_\b", "direction change"),
    (r"\bwish(?:es|ed)?\b|weft_wish", "capture override"),
    (r"\bSite[A-Z]\w*|\bweft_(?:ev_)?site\b|\bWEFT_SITE", "probe"),
    (r"\b[Vv]erdicts?\b|Judgement|\b[Jj]udge[sd]?\b", "TargetDecision, ParseStatus, sniff result"),
    (r"\bkCausality\b|\"causality\"|\bkTuple\b|\"tuple\"", "event_loop, connection"),
    (r"\blet alone\b", "detached"),
)
PATTERNS = [(re.compile(pattern), instead) for pattern, instead in RETIRED]


def retired_words(tree):
    for file in tree.files.values():
        spoken = file.is_code() or file.is_script() or file.suffix in (".md", ".txt", ".cmake", ".yaml", ".in")
        if not spoken or file.path == PAGE or file.path.startswith("tests/arch/"):
            continue
        for number, line in enumerate(file.lines, 1):
            for pattern, instead in PATTERNS:
                found = pattern.search(line)
                if found:
                    yield file.path, number, f"\"{found.group()}\" is no word of the glossary: {instead}"


CHECKS = (retired_words,)

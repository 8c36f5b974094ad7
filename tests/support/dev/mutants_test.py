# SPDX-License-Identifier: Apache-2.0
"""Where a switch is planted, and where not."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import mutants  # noqa: E402


def planted(text):
    """[kind: condition] of each mutant."""
    return [f"{m['kind']}: {m['text']}" for m in mutants.plant(text)[1]]


def both(*conditions):
    return [f"always {value}: {c}" for c in conditions for value in ("true", "false")]


class Mutants(unittest.TestCase):
    def test_conditions_and_their_operands(self):
        self.assertEqual(planted("if (a && (b || !c)) x();"), both("a", "b", "!c"))
        self.assertEqual(planted("while (f(a && b)) x();"), both("f(a && b)"))
        self.assertEqual(planted("for (int i = 0; ok(i); ++i) x();"), both("ok(i)"))
        self.assertEqual(planted("for (int i : all) x();"), [])
        self.assertEqual(planted("y = a == b ? c : d;"), both("a == b"))

    def test_values(self):
        self.assertEqual(planted("return a == b;"), both("a == b"))
        self.assertEqual(planted("const bool x = !a;"), both("!a"))
        for other in ("return a;", "bool x = true;", "return a >> 2;", "return f(a < b);",
                      "constexpr bool x = a == b;", 'return "a == b";', "// if (a) x();"):
            self.assertEqual(planted(other), [], other)

    def test_bounds(self):
        self.assertEqual(planted("if (a < b) x();"), [*both("a < b"), "other bound: a < b"])
        self.assertIn("bool(a <= b)", mutants.plant("if (a < b) x();")[0])

    def test_declarations(self):
        text, _ = mutants.plant("if (const T* x = f(); x->ok()) y();")
        self.assertIn("if (const T* x = f(); (weft_mutants::is(1)", text)
        text, found = mutants.plant("while (T x = f()) y();")
        self.assertIn("while (T x = f(); weft_mutants::is(1) || (!weft_mutants::is(2) && (x)))", text)
        self.assertEqual(len(found), 2)

    def test_lines_stay_where_they_are(self):
        text = "if (a)\n  x();\nif (b &&\n    c) y();\n"
        changed, found = mutants.plant(text)
        self.assertEqual(changed.count("\n"), text.count("\n"))
        self.assertEqual([m["line"] for m in found], [1, 1, 3, 3, 4, 4])

    def test_lines_that_are_left_out(self):
        self.assertEqual(len(mutants.plant("if (a) x();\nif (b) y();", 1, {1})[1]), 2)
        self.assertEqual(mutants.plant("if (a) x();", 7)[1][0]["number"], 7)


if __name__ == "__main__":
    unittest.main()

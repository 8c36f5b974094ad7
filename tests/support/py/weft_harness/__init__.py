# SPDX-License-Identifier: Apache-2.0
"""Drives the agent and real programs from tests: processes, spans, reports.

Standard library only. Nothing here asserts: tests do, through report.Report.
"""

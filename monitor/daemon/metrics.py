"""What the daemon counts, for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LATENESS_S = (1, 5, 15, 60, 300, 900, 3_600, 14_400)


class Metrics:
    """The numbers of one daemon, with those of its process."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self.checks = Counter(
            "policywatch_checks", "Checks that ended, by what came of them.", ["outcome"], registry=registry
        )
        self.lateness = Histogram(
            "policywatch_check_lateness_seconds",
            "How much later than they were due documents were checked.",
            buckets=_LATENESS_S,
            registry=registry,
        )
        self.alerts = Counter(
            "policywatch_alert_attempts",
            "Attempts to send an alert, by their end.",
            ["state"],
            registry=registry,
        )
        self.saves = Counter(
            "policywatch_save_attempts",
            "Attempts to have an archive keep a page, by their end.",
            ["state"],
            registry=registry,
        )
        self.errors = Counter(
            "policywatch_errors",
            "Work of the daemon itself that failed, by its kind.",
            ["work"],
            registry=registry,
        )
        self.reloads = Counter(
            "policywatch_config_reloads",
            "Changed configurations, taken or refused.",
            ["result"],
            registry=registry,
        )

    def watch(self, name: str, words: str, number: Callable[[], float]) -> None:
        """Let a number be asked for whenever the metrics are."""
        Gauge(f"policywatch_{name}", words, registry=self.registry).set_function(number)

    def text(self) -> bytes:
        """Return all numbers in the text format of Prometheus."""
        return generate_latest(self.registry)

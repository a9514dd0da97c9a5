"""What `make seed` can be told, read from the environment on first use."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class Plan(msgspec.Struct, frozen=True):
    """The traffic that is seeded: the same plan is the same traffic, to the last digit."""

    customers: int
    days: int
    events: int
    seed: int
    until: date  # the first UTC day without traffic
    ledger_days: int  # the last days whose entries are in the ledger, too

    def __str__(self) -> str:
        """For people."""
        return (
            f"{self.customers:,} customers, {self.days} days before {self.until}, {self.events:,} events, "
            f"the ledger of the last {self.ledger_days} days (SEED={self.seed})"
        )


class Extent(NamedTuple):
    """What a plan may be cut into: customers from one number up to, not including, another."""

    plan: Plan
    first: int
    last: int


class SeedSettings(BaseSettings):
    """`make seed`'s interface; the defaults take a laptop less than a minute."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    customers: int = Field(default=1000, ge=1, le=10_000_000)
    days: int = Field(default=90, ge=1, le=400)
    events: int = Field(default=100_000, ge=1, le=1_000_000_000)
    seed: int = 1
    until: date | None = None  # today, in UTC
    ledger: bool = False  # every day in the ledger
    ledger_days: int = Field(default=2, ge=0)  # what `make reconcile` compares
    force: bool = False  # beside calls that were not seeded
    workers: int = Field(default=2, ge=1)
    ministack_url: str = ""  # another MiniStack than the running local stack's

    @field_validator("ministack_url")
    @classmethod
    def _loopback(cls, value: str) -> str:
        if value and urlsplit(value).hostname not in _LOOPBACK:
            raise ValueError(f"must be on this machine (http://127.0.0.1:PORT), not {value}")
        return value.rstrip("/")

    def plan(self) -> Plan:
        """The traffic asked for."""
        until = self.until or datetime.now(UTC).date()
        ledger_days = self.days if self.ledger else min(self.ledger_days, self.days)
        return Plan(self.customers, self.days, self.events, self.seed, until, ledger_days)


seed_settings = lru_cache(maxsize=1)(SeedSettings)

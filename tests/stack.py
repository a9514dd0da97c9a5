"""The whole core over fakes: the same objects that the functions build, with AWS in memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
from pydantic import SecretStr

from tests.builders import MASTER_KEY, answers, aws_settings
from tests.fakes import AUDIT, BUDGETS, COUNTERS, CUSTOMERS, KEYS, LEDGER, QUEUE, FakeAws, FakeProvider
from tollgate.admission.admission import Admission, Terms
from tollgate.admission.policy import Policies, Stores
from tollgate.admission.rescue import Rescue
from tollgate.counting import Counting, Store
from tollgate.drift import DriftCheck
from tollgate.gateway import Choices, Gateway, Parts
from tollgate.keys import Keys
from tollgate.ledger import Ledger
from tollgate.models import Models, load_models
from tollgate.reconcile import Books, Reconcile
from tollgate.recorder import record
from tollgate.secret_values import Secrets
from tollgate.settings import (
    AccessSettings,
    CustomerSettings,
    LimitSettings,
    ProxySettings,
    ReconcileSettings,
    ReportingSettings,
)
from tollgate.storage.accounts import Accounts
from tollgate.storage.audit import AuditTable
from tollgate.storage.aws import DYNAMODB, SECRETS_MANAGER, SQS, AwsClient, Service
from tollgate.storage.budgets import BudgetsTable
from tollgate.storage.checkpoints import Checkpoints
from tollgate.storage.counters import CountersTable
from tollgate.storage.customers import CustomersTable
from tollgate.storage.database import Database
from tollgate.storage.directory import Directory
from tollgate.storage.keys import KeysTable
from tollgate.storage.ledger import LedgerTable
from tollgate.storage.refusals import RefusalCounters
from tollgate.storage.tag_names import TagNames
from tollgate.sweeping import Sweeping
from tollgate.tally import RefusalTally
from tollgate.upstream.client import Upstream


@dataclass
class Stack:
    """One deployment in memory."""

    aws: FakeAws
    http: httpx2.AsyncClient
    database: Database
    ledger: LedgerTable
    counters: CountersTable
    customers: CustomersTable
    budgets: BudgetsTable
    keys: KeysTable
    audit: AuditTable
    directory: Directory
    tags: TagNames
    refusals: RefusalCounters

    @classmethod
    def over(cls, aws: FakeAws | None = None) -> "Stack":
        """Everything anew."""
        aws = aws or FakeAws()
        http = httpx2.AsyncClient(transport=aws)
        database = Database(AwsClient(http, aws_settings(), DYNAMODB))
        return cls(
            aws=aws,
            http=http,
            database=database,
            ledger=LedgerTable(database, LEDGER),
            counters=CountersTable(database, COUNTERS),
            customers=CustomersTable(database, CUSTOMERS),
            budgets=BudgetsTable(database, BUDGETS),
            keys=KeysTable(database, KEYS),
            audit=AuditTable(database, AUDIT),
            directory=Directory(database, CUSTOMERS),
            tags=TagNames(database, COUNTERS),
            refusals=RefusalCounters(database, COUNTERS),
        )

    def client(self, service: Service) -> AwsClient:
        """One more AWS service."""
        return AwsClient(self.http, aws_settings(), service)

    def counting(self, zone: str = "UTC") -> Counting:
        """The recorder's counting."""
        hourly = timedelta(days=35)
        store = Store(self.database, self.ledger, self.counters, self.customers, self.keys, self.tags)
        return Counting(store, zone, hourly_retention=hourly)

    def books(self) -> Ledger:
        """The proxy's ledger."""
        return Ledger(self.ledger, self.client(SQS), QUEUE)

    def reconcile(self, models: Models | None = None, **settings: Any) -> Reconcile:
        """The housekeeping."""
        checkpoints = Checkpoints(self.database, COUNTERS)
        given = ReconcileSettings(**settings)
        accounts = Accounts(self.database)
        rescue = Rescue(accounts, self.ledger, given.reconcile_open_after_seconds, "UTC")
        everyone = (self.customers.account(""), self.keys.account(""))
        sweeping = Sweeping(accounts, rescue, checkpoints, everyone)
        books = Books(self.ledger, self.counting(), checkpoints, self.client(SQS), QUEUE, sweeping)
        return Reconcile(books, models or load_models(), given)

    def drift(self) -> DriftCheck:
        """The proof."""
        return DriftCheck(self.ledger, self.counters, self.tags)

    def gateway(
        self,
        provider: FakeProvider | None = None,
        *,
        models: Models | None = None,
        zone: str = "UTC",
        key: str = MASTER_KEY,
        **choices: Any,
    ) -> Gateway:
        """The proxy; further choices are those of ProxySettings and CustomerSettings."""
        proxy = ProxySettings(
            **{n: choices.pop(n) for n in ProxySettings.model_fields.keys() & choices.keys()}
        )
        limits = LimitSettings(
            **{n: choices.pop(n) for n in LimitSettings.model_fields.keys() & choices.keys()}
        )
        terms = Terms(zone, limits.reconcile_open_after_seconds, proxy.budget_exceeded_status)
        secrets = Secrets(self.client(SECRETS_MANAGER))
        access = AccessSettings(tollgate_master_key=SecretStr(key))
        parts = Parts(
            keys=Keys(access, secrets, self.keys, limits.policy_ttl_seconds),
            policies=Policies(Stores(self.customers, self.budgets, self.keys), limits, zone),
            admission=Admission.over(self.database, self.counters, self.ledger, terms),
            models=models or load_models(proxy.models_file),
            secrets=secrets,
            ledger=self.books(),
            upstream=Upstream(proxy, transport=provider or FakeProvider(answers())),
            refusals=RefusalTally(self.refusals, zone),
        )
        reporting = ReportingSettings(reporting_timezone=zone)
        return Gateway(parts, Choices(proxy, CustomerSettings(**choices), reporting))

    async def record(self, records: Iterable[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Give the recorder a batch of the ledger's stream, by default all of it."""
        return await record(list(self.aws.stream() if records is None else records), self.counting())

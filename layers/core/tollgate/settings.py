"""What a deployment can choose, as typed models, each read from the environment on first use."""

from functools import lru_cache
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tollgate import days
from tollgate.money import loads

Seconds = Annotated[int, Field(gt=0)]


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )


class AwsSettings(_Settings):
    """Where AWS is, and who we are there; Lambda sets all of these itself."""

    aws_region: str = "us-east-1"
    aws_endpoint_url: str = ""
    aws_access_key_id: str = ""
    aws_secret_access_key: SecretStr = SecretStr("")
    aws_session_token: SecretStr = SecretStr("")
    store_timeout_seconds: int = Field(
        default=3, gt=0
    )  # for one answer of an AWS API; then it is asked again


class StorageSettings(_Settings):
    """The tables and the queue, named by the template."""

    ledger_table: str
    counters_table: str
    customers_table: str
    budgets_table: str
    keys_table: str
    audit_table: str
    dead_letter_queue_url: str = ""
    ledger_retention_days: int = Field(default=400, ge=0)  # 0 keeps entries for ever
    hourly_retention_days: int = Field(default=35, gt=0)


class ReportingSettings(_Settings):
    """What a day is."""

    reporting_timezone: str = "UTC"

    @field_validator("reporting_timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            days.zone(value)
        except (KeyError, OSError):  # an unknown name, or a folder of names
            raise ValueError(f"{value!r} is not an IANA time zone") from None
        return value


class AccessSettings(_Settings):
    """Who is let in. The key is a value, or `secret:<id>[#field]` in Secrets Manager."""

    tollgate_master_key: SecretStr


class CustomerSettings(_Settings):
    """How a call names its customer (DESIGN 2.2)."""

    user_header_mappings: Annotated[tuple[str, ...], NoDecode] = ()
    user_header_name: str = ""
    require_customer: bool = False
    claude_code_customer: Literal["parsed", "verbatim"] = "parsed"

    @field_validator("user_header_mappings", mode="before")
    @classmethod
    def _customer_headers(cls, value: object) -> object:
        """LiteLLM's setting as JSON: keep the header names whose role is customer."""
        if not isinstance(value, str):
            return value
        parsed = loads(value)
        mappings = parsed if isinstance(parsed, list) else [parsed]
        try:
            return tuple(m["header_name"] for m in mappings if m["litellm_user_role"] == "customer")
        except (KeyError, TypeError):
            raise ValueError("a mapping is an object of header_name and litellm_user_role") from None


class ProxySettings(_Settings):
    """How calls are forwarded and metered."""

    models_file: str = ""
    allow_unpriced: bool = False
    budget_exceeded_status: Annotated[Literal[422, 402, 400, 429], BeforeValidator(int)] = 422
    max_output_tokens: int = Field(default=16_384, gt=0)  # of a model whose own maximum is not known
    include_cost_in_streaming_usage: bool = False
    max_body_bytes: int = Field(default=10 * 1024 * 1024, gt=0)
    upstream_connect_timeout_seconds: Seconds = 5
    upstream_timeout_seconds: Seconds = 600  # between two bytes of the provider's answer
    call_limit_seconds: Seconds = 900  # from the call to the provider's last byte; Lambda's own limit
    upstream_retries: int = Field(default=2, ge=0)
    closing_seconds: Seconds = 3  # kept back of a function's time, to book the call that ran out of it
    drain_seconds: Seconds = 120  # how long a stream is read on after its client hung up
    estimated_output_tokens: int = Field(default=1000, ge=0)


class LimitSettings(_Settings):
    """Which limits there are, and how long what is known of them is good.

    `max_end_user_budget_id` is the tier of every customer that has no limits of its own. A hold expires when
    its call can no longer be under way (`reconcile_open_after_seconds`).
    """

    max_end_user_budget_id: str = ""
    policy_ttl_seconds: int = Field(default=5, ge=0)
    reconcile_open_after_seconds: Seconds = 960


class ArchiveSettings(_Settings):
    """Where the archive's rows are delivered to."""

    archive_stream: str


class ReconcileSettings(_Settings):
    """When an open entry counts as abandoned: after the longest call (Lambda's 15 minutes) and a minute."""

    reconcile_open_after_seconds: Seconds = 960
    estimated_output_tokens: int = Field(default=1000, ge=0)


aws_settings = lru_cache(maxsize=1)(AwsSettings)
storage_settings = lru_cache(maxsize=1)(StorageSettings)
reporting_settings = lru_cache(maxsize=1)(ReportingSettings)
access_settings = lru_cache(maxsize=1)(AccessSettings)
customer_settings = lru_cache(maxsize=1)(CustomerSettings)
proxy_settings = lru_cache(maxsize=1)(ProxySettings)
limit_settings = lru_cache(maxsize=1)(LimitSettings)
reconcile_settings = lru_cache(maxsize=1)(ReconcileSettings)
archive_settings = lru_cache(maxsize=1)(ArchiveSettings)

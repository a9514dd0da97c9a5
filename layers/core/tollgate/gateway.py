"""The way of a request: key, customer and price, and then the attempt at the provider."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf
from typing import Final
from urllib.parse import quote

from tollgate import access
from tollgate.admission.admission import Admission, Admitted
from tollgate.admission.held import Held
from tollgate.admission.policy import Policies, Policy
from tollgate.attempt import Answer, Attempt, Sending, Subject
from tollgate.call import Call, again, entry_of, parse
from tollgate.customer import Identity, identify
from tollgate.demand import demand
from tollgate.endpoints.endpoint import Endpoint
from tollgate.errors import (
    BudgetExceeded,
    RateLimited,
    TollgateError,
    UnknownModel,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from tollgate.information import Information
from tollgate.keys import Caller, Keys
from tollgate.ledger import Ledger
from tollgate.models import Deployment, Models, Wish
from tollgate.records import Entry
from tollgate.secret_values import Secrets
from tollgate.settings import CustomerSettings, ProxySettings, ReportingSettings
from tollgate.stored import Asking, StoredResponses
from tollgate.tally import RefusalTally
from tollgate.upstream.client import Deadline, Upstream
from tollgate.upstream.shipping import shipment

# A header holds printable ASCII only; in a customer id anything else goes percent-encoded.
_HEADER_SAFE: Final = " !\"#$&'()*+,/:;<=>?@[\\]^`{|}~"

_ANOTHER_MAY: Final = frozenset({429, *range(500, 600)})


@dataclass(frozen=True, slots=True)
class Choices:
    """What the deployment chose."""

    proxy: ProxySettings
    customer: CustomerSettings
    reporting: ReportingSettings


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway calls on, in the order of the way of a request."""

    keys: Keys
    policies: Policies
    admission: Admission
    models: Models
    secrets: Secrets
    ledger: Ledger
    upstream: Upstream
    refusals: RefusalTally


@dataclass(frozen=True, slots=True)
class Errand:
    """A call, who makes it, what it is allowed, and until when it must be over."""

    call: Call
    caller: Caller
    policy: Policy
    deadline: Deadline


class Gateway:
    """Forwards and meters calls; one per process and event loop. `information` needs no provider."""

    def __init__(self, parts: Parts, choices: Choices) -> None:
        self.information = Information(parts.keys, parts.models)
        self._keys = parts.keys
        self._policies = parts.policies
        self._admission = parts.admission
        self._models = parts.models
        self._secrets = parts.secrets
        self._ledger = parts.ledger
        self._upstream = parts.upstream
        self._refusals = parts.refusals
        self._choices = choices

    async def call(  # noqa: PLR0913 - the parts of one request
        self,
        endpoint: Endpoint,
        headers: Mapping[str, str],
        raw: bytes,
        query: str = "",
        seconds: float = inf,
        *,
        source: str = "",
    ) -> Answer:
        """A call of an endpoint, streamed or not, that must be over in so many seconds.

        A deployment that cannot be reached, is overloaded or fails is followed by the next, each attempt with
        an entry of its own in the ledger; the last one's answer goes to the client, whatever it is. Raises
        TollgateError, naming the call once it has an id.
        """
        deadline = self._deadline(seconds)
        caller = await self._keys.for_proxy(headers, source)
        customer_id = caller.bound_to
        try:
            call = parse(endpoint, headers, raw, query)
            identity = identify(headers, call.body, self._choices.customer, bound_to=caller.bound_to)
            customer_id = identity.customer_id
            return await self._of_customer(call, caller, identity, deadline)
        except TollgateError as error:
            self._refusals.add(customer_id, error)
            raise

    async def _of_customer(
        self, call: Call, caller: Caller, identity: Identity, deadline: Deadline
    ) -> Answer:
        policy = await self._policies.of(identity.customer_id, caller)
        call = replace(call, default_model=policy.profile.default_model or "")
        access.check(policy, call.model)
        unpriced = self._choices.proxy.allow_unpriced
        wish = Wish(call.model, call.endpoint, datetime.now(UTC), allow_unpriced=unpriced)
        deployments = _configured(self._models.deployments(wish))
        entry = entry_of(call, caller, identity, deployments[0], self._zone)
        return await self._one_of(Errand(call, caller, policy, deadline), deployments, entry)

    async def _one_of(self, errand: Errand, deployments: list[Deployment], first: Entry) -> Answer:
        """The answer of the first deployment that serves, else of the last that there was time to try."""
        deadline, before = errand.deadline, None
        for number, deployment in enumerate(deployments, 1):
            entry = first if number == 1 else again(first, deployment, number, self._zone)
            try:
                answer = await self._attempt(errand, Subject(errand.call, entry, deployment, deadline))
            except UpstreamUnreachable:
                if number == len(deployments) or _is_over(deadline):
                    raise
            except (BudgetExceeded, RateLimited):
                if before is None:
                    raise
                return before
            else:
                before = answer
                if number == len(deployments) or answer.status not in _ANOTHER_MAY or _is_over(deadline):
                    return answer
        raise AssertionError("the last deployment answers or raises")

    async def _attempt(self, errand: Errand, subject: Subject) -> Answer:
        call, entry, deployment = subject.call, subject.entry, subject.deployment
        key = await self._secrets.reveal(deployment.provider.key_reference())
        to_send = shipment(call, deployment, key, entry.request_id)
        own = _own_headers(entry)
        try:
            admitted = await self._admit(errand, subject)
            held = Held(self._admission, admitted)
            attempt = Attempt(replace(subject, entry=admitted.entry), held, self._sending())
            return await attempt.run(to_send, own)
        except TollgateError as error:
            error.headers = own | error.headers
            raise

    async def _admit(self, errand: Errand, subject: Subject) -> Admitted:
        """The call with what is set aside for it. Raises BudgetExceeded, RateLimited, StoreUnavailable."""
        if not errand.policy.grants:
            return Admitted(subject.entry)
        most = self._choices.proxy.max_output_tokens
        may_use = demand(subject.call, subject.entry, subject.deployment, most)

        async def renew() -> Policy:
            policy = await self._policies.of(subject.entry.customer_id, errand.caller, fresh=True)
            access.check(policy, subject.call.model)
            return policy

        return await self._admission.admit(errand.policy, subject.entry, may_use, renew)

    def _sending(self) -> Sending:
        return Sending(self._ledger, self._upstream, self._choices.proxy)

    async def close(self) -> None:
        """Write what is only in memory: the process is about to end."""
        await self._refusals.flush()

    async def stored_response(
        self, asked: Asking, headers: Mapping[str, str], seconds: float = inf, *, source: str = ""
    ) -> Answer:
        """A stored response, read, deleted or cancelled: nothing is generated, so there is no entry.

        Raises TollgateError.
        """
        deadline = self._deadline(seconds)
        await self._keys.for_proxy(headers, source)
        stored = StoredResponses(self._models, self._secrets, self._upstream)
        return await stored.ask(asked, headers, deadline)

    @property
    def _zone(self) -> str:
        return self._choices.reporting.reporting_timezone

    def _deadline(self, seconds: float) -> Deadline:
        """When a call must be over: by setting, or when its function has only the time left to book it."""
        proxy = self._choices.proxy
        left = min(proxy.call_limit_seconds, seconds - proxy.closing_seconds)
        if left <= 0:
            raise UpstreamTimeout("There is no time left for this call.")
        return asyncio.get_running_loop().time() + left


def _configured(deployments: list[Deployment]) -> list[Deployment]:
    """Those whose provider can be called. Raises UnknownModel, saying what is missing, when none can."""
    found = [deployment for deployment in deployments if not deployment.provider.missing]
    if not found:
        first = deployments[0]
        reason = f"which is not set up here: {first.provider.missing}"
        raise UnknownModel(
            f"{first.model_group} is served by {first.provider_name}, {reason}.", param="model"
        )
    return found


def _is_over(deadline: Deadline) -> bool:
    return asyncio.get_running_loop().time() >= deadline


def _own_headers(entry: Entry) -> dict[str, str]:
    headers = {
        "x-litellm-call-id": entry.request_id,
        "x-litellm-model-group": entry.model_group,
        "x-litellm-attempted-fallbacks": str(entry.attempt - 1),
    }
    if entry.customer_id:
        headers["x-litellm-customer-id"] = quote(entry.customer_id, safe=_HEADER_SAFE)
    return headers

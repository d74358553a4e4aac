"""The state that a flow run ends in: Completed, PartlyFailed or Failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from prefect.client.orchestration import get_client
from prefect.client.schemas import State, StateType
from prefect.runtime import flow_run
from prefect.states import Cancelled

from flows.errors import RegionsFailed
from flows.run.stopping import last_act

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Name of the state of a run in which some regions failed and others are published; its type is FAILED.
PARTLY_FAILED = "PartlyFailed"
FAILED = "Failed"


def final_state(outcome: Any, published: int, failures: Mapping[str, str]) -> Any:
    """What a flow returns at its end: `outcome` if no region failed, else a state of the type FAILED.

    The state is named `Failed` where nothing is published, `PartlyFailed` otherwise. Who calls the flow as a function
    gets RegionsFailed, which holds the outcome.
    """
    if not failures:
        return outcome
    error = RegionsFailed(dict(failures), published, outcome)
    return State(
        type=StateType.FAILED,
        name=PARTLY_FAILED if published else FAILED,
        message=str(error),
        data=error,
    )


@contextmanager
def cancelled_when_stopped() -> Iterator[None]:
    """Set the state of the flow run to Cancelled if a signal ends the command within the `with` block."""
    run_id = flow_run.id

    def cancel(signal_name: str) -> None:
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(run_id, Cancelled(message=f"Stopped by {signal_name}"), force=True)

    with last_act(cancel):
        yield

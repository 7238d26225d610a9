"""Which workspace the steps of a run get, and who computes in it."""

from __future__ import annotations

from deltaglow.engine.crew import Crew, processors
from deltaglow.engine.micro_batches import MicroBatches
from deltaglow.engine.network import Network
from deltaglow.engine.team import TeamWorkspace, team_size
from deltaglow.engine.trainer_state import TrainerOptions
from deltaglow.engine.workspace import Workspace


def room_for(
    network: Network, rows: int, options: TrainerOptions, segments: int, *, training: bool
) -> tuple[Workspace | MicroBatches, Crew]:
    """The arrays of steps over at most `rows` samples with the layers in so many segments, and their crew."""
    parts = min(options.micro_batches, rows)
    if parts > 1:
        crew = Crew(min(parts, processors()))
        return MicroBatches(network, rows, training, segments, parts, crew), crew
    crew = Crew(team_size(network, rows))
    if crew.hands > 1 and segments == 1 and not options.update.sparse_inputs:
        return TeamWorkspace(network, rows, training, crew), crew
    return Workspace(network, rows, training, segments), Crew()

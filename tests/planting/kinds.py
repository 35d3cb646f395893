"""What a kind of planted error is, and the kinds by the name of what plants them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from planting.form import Form, NoPlaceError

Plant = Callable[[Form], Form]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change: what it is, the rules that may rightly say it, and how it is made.

    What is wrong by arithmetic counts as found only where it fails. A harmless kind has no rules.
    """

    name: str
    rules: tuple[str, ...]
    is_arithmetic: bool
    plant: Plant

    @property
    def says(self) -> str:
        """What the change is, in a sentence."""
        return (self.plant.__doc__ or "").strip()

    def planted(self, form: Form) -> Form | None:
        """Return a form with the change, ``None`` where it has no place for it."""
        try:
            return self.plant(form)
        except NoPlaceError:
            return None


KINDS: dict[str, Kind] = {}
HARMLESS: dict[str, Kind] = {}


def error(*rules: str, arithmetic: bool = False) -> Callable[[Plant], Plant]:
    """Make what plants an error a kind: any of the rules is the expected one."""

    def keep(plant: Plant) -> Plant:
        name = plant.__name__.replace("_", " ")
        KINDS[name] = Kind(name, rules, arithmetic, plant)
        return plant

    return keep


def harmless(plant: Plant) -> Plant:
    """Make a change that leaves a form clean a kind."""
    name = plant.__name__.replace("_", " ")
    HARMLESS[name] = Kind(name, (), is_arithmetic=False, plant=plant)
    return plant

"""The people of the invented newspaper: who reader number n is, without remembering any of them."""

import random
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from faker import Faker

YEARS_OPEN = 8
DOMAINS = ("example.org", "example.com", "example.net")
PHONE_RANGES = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")  # Arcep, for fiction
IP_RANGES = ("192.0.2", "198.51.100", "203.0.113")  # RFC 5737, for documentation


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who reads the newspaper, with an account or without."""

    given_name: str
    family_name: str
    pen_name: str
    email: str
    phone: str
    street: str
    postcode: str
    city: str
    ip: str
    birth_date: date


class Population:
    """Everybody, by number from 1: ``person(7)`` is always the same, so that a million of them weigh nothing.

    Faker is slow, so its names, streets and towns are drawn once and combined.
    """

    def __init__(self, *, seed: int, readers: int, today: date) -> None:
        fake = Faker("fr_FR")
        fake.seed_instance(seed)
        self.seed = seed
        self.readers = readers
        self.now = datetime.combine(today, time(12), UTC)
        self.opened = self.now - timedelta(days=365 * YEARS_OPEN)
        self.given_names = [fake.first_name() for _ in range(500)]
        self.family_names = [fake.last_name() for _ in range(1500)]
        self.streets = [fake.street_address() for _ in range(2000)]
        self.towns = [(fake.postcode().replace(" ", ""), fake.city()) for _ in range(1000)]
        self.person = lru_cache(maxsize=20_000)(self._person)

    def dice(self, purpose: str) -> random.Random:
        """Chance that depends on the seed and on what it is for."""
        return random.Random(f"{self.seed}:{purpose}")  # noqa: S311 - invention, not secrecy

    def joined_at(self, number: int) -> datetime:
        """Accounts were opened evenly since the newspaper exists, in the order of their numbers."""
        return self.opened + (self.now - self.opened) * ((number - 1) / self.readers)

    def moment(self, dice: random.Random, since: datetime) -> datetime:
        """An instant between ``since`` and today, to the second."""
        return (since + (self.now - since) * dice.random()).replace(microsecond=0)

    def _person(self, number: int) -> Person:
        dice = self.dice(f"person {number}")
        given_name, family_name = dice.choice(self.given_names), dice.choice(self.family_names)
        postcode, city = dice.choice(self.towns)
        return Person(
            given_name=given_name,
            family_name=family_name,
            pen_name=dice.choice((given_name, f"{given_name} {family_name[0]}.", f"{given_name}{postcode[:2]}", "")),
            email=f"{_ascii(given_name)}.{_ascii(family_name)}.{number}@{dice.choice(DOMAINS)}",
            phone=f"{dice.choice(PHONE_RANGES)} {dice.randrange(100):02d} {dice.randrange(100):02d}",
            street=dice.choice(self.streets),
            postcode=postcode,
            city=city,
            ip=ip(dice),
            birth_date=date(1940, 1, 1) + timedelta(days=dice.randrange(365 * 67)),
        )


def ip(dice: random.Random) -> str:
    """An address nobody has: two in three of version 4."""
    if dice.random() < 1 / 3:
        return f"2001:db8:{dice.randrange(1, 0xFFFF):x}::{dice.randrange(1, 0xFFFF):x}"
    return f"{dice.choice(IP_RANGES)}.{dice.randrange(1, 255)}"


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower())
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())

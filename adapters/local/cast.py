"""Who is in the chat, what rooms there are, and what each is called in neutral words."""

from __future__ import annotations

from dataclasses import dataclass

from bot.messages import Identity
from digests.model import Address

PLATFORM = "local"
WORKSPACE = "local"
CONVENOR = "convenor"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a visitor can be. ``part`` is what they are in the network: member, editor or coordinator."""

    id: str
    name: str
    part: str

    @property
    def identity(self) -> Identity:
        """Their account."""
        return Identity(PLATFORM, WORKSPACE, self.id, self.name)

    @property
    def direct_room(self) -> str:
        """The id of the room that holds their direct messages with Convenor."""
        return f"@{self.id}"


@dataclass(frozen=True, slots=True)
class Room:
    """A room for several people; ``seen_by`` holds person ids."""

    id: str
    about: str
    seen_by: frozenset[str]


CAST: tuple[Person, ...] = (
    Person("alice", "Alice", "member"),
    Person("bob", "Bob", "editor"),
    Person("carol", "Carol", "editor"),
    Person("dan", "Dan", "coordinator"),
)

ROOMS: tuple[Room, ...] = (
    Room("digest", "The Data Policy Digest, for everybody", frozenset(person.id for person in CAST)),
    Room("editors", "Where drafts are shaped and approved", frozenset({"bob", "carol"})),
    Room("coordinators", "Where requests for introductions are looked after", frozenset({"dan"})),
)

_PEOPLE = {person.id: person for person in CAST}
_ROOMS = {room.id: room for room in ROOMS}


def person_of(person_id: str) -> Person | None:
    """The person with this id."""
    return _PEOPLE.get(person_id)


def rooms_of(person: Person) -> tuple[Room, ...]:
    """The rooms that a person is in, in order."""
    return tuple(room for room in ROOMS if person.id in room.seen_by)


def people_in(room_id: str) -> tuple[Person, ...]:
    """The people of a conversation with Convenor: one, or a group; nobody where there is no such conversation."""
    ids = room_id[1:].split(",") if room_id.startswith("@") else []
    if len(set(ids)) < len(ids) or not all(each in _PEOPLE for each in ids):
        return ()
    return tuple(_PEOPLE[each] for each in ids)


def room_exists(room_id: str) -> bool:
    """Whether there is such a room, conversations with Convenor included."""
    return room_id in _ROOMS or bool(people_in(room_id))


def may_see(person: Person, room_id: str) -> bool:
    """Whether a person is in a room: a conversation of theirs, or a room that lists them."""
    room = _ROOMS.get(room_id)
    return person in people_in(room_id) or (room is not None and person.id in room.seen_by)


def is_group(room_id: str) -> bool:
    """Whether a room is the conversation of several people with Convenor."""
    return len(people_in(room_id)) > 1


def group_of(person: Person, room_id: str) -> Room:
    """Such a conversation as one of them has it in their list."""
    people = people_in(room_id)
    others = " and ".join(other.name for other in people if other != person)
    about = f"You, {others} and Convenor are here. Nobody else sees it."
    return Room(room_id, about, frozenset(each.id for each in people))


def address_of(room_id: str) -> Address:
    """A room as an address: a conversation with Convenor by its people, every other room as a channel."""
    if room_id.startswith("@"):
        return Address(PLATFORM, WORKSPACE, user=room_id[1:])
    return Address(PLATFORM, WORKSPACE, channel=room_id)


def room_at(address: Address) -> str:
    """The id of the room at an address, whether or not it exists."""
    return f"@{address.user}" if address.user else address.channel

"""How a mail reads as a ticket or as a message of one."""

from collections.abc import Sequence

from chassis.refusals import Refusal
from services.ticketing.model.attachments import Checked, Filled, Offered
from services.ticketing.model.mail import Head, ReadMail
from services.ticketing.model.tickets import Contact, Description
from services.ticketing.rules.attachments import checked, has_room

SUBJECT_LENGTH = 250
CONTEXT_LENGTH = 20_000
MESSAGE_LENGTH = 90_000
AUTHOR_LENGTH = 320
_NO_SUBJECT = "(sans objet / no subject)"
_NO_TEXT = "(sans texte / no text)"
_CUT = "\n[… la suite est dans le message d'origine / the rest is in the original mail]"


def described(mail: ReadMail, notes: Sequence[str]) -> Description:
    """A ticket's description: all that the mail says, what it quotes too. Of one that says nothing and brings
    nothing the description is empty.
    """
    subject, text = mail.head.subject.strip(), mail.whole.strip()
    if not subject and not text and not mail.files:
        return Description("", "")
    return Description(
        subject=subject[:SUBJECT_LENGTH] or _first_line(text) or _NO_SUBJECT,
        context=_with_notes(text, notes, CONTEXT_LENGTH),
    )


def written(mail: ReadMail, notes: Sequence[str]) -> str:
    """A message's text: what was written anew."""
    return _with_notes(mail.text.strip(), notes, MESSAGE_LENGTH)


def is_whole(mail: ReadMail, said: str, notes: Sequence[str]) -> bool:
    """Whether a ticket has all of a mail, of which it says this: no part was cut off or refused."""
    return not (mail.is_broken or notes or said.endswith(_CUT))


def contact_of(head: Head) -> Contact:
    """Who wrote it, as it says itself."""
    return Contact(name=head.sender_name, email=head.sender)


def author_of(head: Head) -> str:
    """The writer's name and address, as colleagues see them."""
    told = f"{head.sender_name} <{head.sender}>" if head.sender_name else f"{head.sender}"
    return told[-AUTHOR_LENGTH:]


def refused_note(name: str, sentence: str) -> str:
    """What is told of a file that was not taken."""
    return f"[Attachment {name or 'without a name'} was refused: {sentence}]"


def taken(
    looked_at: Sequence[tuple[Offered, frozenset[str]]], filled: Filled
) -> tuple[list[Checked], list[str]]:
    """The files that go with a ticket which holds that much already, and what is told of the others.

    Each comes with what its bytes show that it is.
    """
    files: list[Checked] = []
    notes: list[str] = []
    for offered, shown in looked_at:
        try:
            file = checked(offered, shown)
            has_room(filled, [*(len(each.content) for each in files), len(file.content)])
            files.append(file)
        except Refusal as refusal:
            notes.append(refused_note(offered.name, refusal.sentence))
    return files, notes


def _first_line(text: str) -> str:
    return text.partition("\n")[0].strip()[:SUBJECT_LENGTH]


def _with_notes(text: str, notes: Sequence[str], length: int) -> str:
    """The text with what is to be told of its files, both within the length."""
    told = "\n".join(notes)[: length // 4]
    room = length - len(told) - len(_CUT) - 2
    said = (text or _NO_TEXT) if len(text) <= room else text[:room].rstrip() + _CUT
    return f"{said}\n\n{told}" if told else said

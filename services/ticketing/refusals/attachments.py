"""Every "no" about a file that is to go with a ticket."""

from chassis.refusals import Refusal


class AttachmentUnknown(Refusal):
    slug = "attachment-unknown"
    status = 404
    sentence = "No attachment of this identifier is known here."


class AttachmentEmpty(Refusal):
    slug = "attachment-empty"
    status = 422
    sentence = "This file is empty."


class AttachmentTooLarge(Refusal):
    slug = "attachment-too-large"
    status = 413
    sentence = "This file is larger than an attachment may be."


class AttachmentsTooMany(Refusal):
    slug = "attachments-too-many"
    status = 409
    sentence = "This ticket holds as many files of yours as it may: ask how to hand over more."


class AttachmentTypeRefused(Refusal):
    slug = "attachment-type-refused"
    status = 415
    sentence = "Files of this type are not taken: send an image, a PDF, a text, an office document or a zip."


class AttachmentNotWhatItSays(Refusal):
    slug = "attachment-not-what-it-says"
    status = 422
    sentence = "This file's content is not what its name or its declared type says."


class AttachmentUnreadable(Refusal):
    slug = "attachment-unreadable"
    status = 422
    sentence = "The form has no part named `file`."


class MessageUnknown(Refusal):
    slug = "message-unknown"
    status = 404
    sentence = "This ticket has no message of this number, or it is not yours to add to."

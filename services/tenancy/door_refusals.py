"""Every "no" of the door: secrets, sessions, second factors, with the clause it stands on."""

from chassis.refusals import Refusal


class CredentialsRefused(Refusal):
    slug = "credentials-refused"
    status = 401
    clause = "11-a"
    sentence = "This identifier and password do not open this portal."


class PasswordChangeRequired(Refusal):
    slug = "password-change-required"
    status = 403
    clause = "11-b"
    sentence = "A one-time secret opens only to be replaced: send a password of your own as `new_password`."


class PasswordTooShort(Refusal):
    slug = "password-too-short"
    status = 422
    sentence = "A password has at least 15 characters, 8 beside a second factor."


class PasswordTooLong(Refusal):
    slug = "password-too-long"
    status = 422
    sentence = "A password has at most 256 characters."


class PasswordBlocked(Refusal):
    slug = "password-blocked"
    status = 422
    clause = "11-b"
    sentence = "This password would be guessed soon: choose another one."


class LinkSpent(Refusal):
    slug = "link-spent"
    status = 410
    sentence = "This link was used already, is too old, or never existed."


class TooManyAttempts(Refusal):
    slug = "too-many-attempts"
    status = 429
    sentence = "Too many attempts: wait before the next one."


class SessionOver(Refusal):
    slug = "session-over"
    status = 401
    clause = "11-b"
    sentence = "This session is over: log in again."


class NotWhileRepresenting(Refusal):
    slug = "not-while-representing"
    status = 403
    clause = "11-a"
    sentence = "Who acts for a customer changes nobody's access."


class RepresentationUnknown(Refusal):
    slug = "representation-unknown"
    status = 404
    sentence = "There is no such representation, or it is not yours."


class RepresentationOver(Refusal):
    slug = "representation-over"
    status = 409
    clause = "11-a"
    sentence = "This representation is over: start another one, with its reason."


class SessionUnknown(Refusal):
    slug = "session-unknown"
    status = 404
    sentence = "There is no such session."


class SecondFactorRequired(Refusal):
    slug = "second-factor-required"
    status = 403
    clause = "11-b"
    sentence = "This account has a second factor: send its `code` besides, or a recovery code."


class EnrolmentRequired(Refusal):
    slug = "second-factor-enrolment-required"
    status = 403
    clause = "11-b"
    sentence = "The publisher's staff enter with a second factor: enrol one first."


class SecondFactorEnrolled(Refusal):
    slug = "second-factor-enrolled"
    status = 409
    sentence = "This account has a second factor already: remove it before another is enrolled."


class SecondFactorNotBegun(Refusal):
    slug = "second-factor-not-begun"
    status = 409
    sentence = "No second factor was begun for this account."


class NoSecondFactor(Refusal):
    slug = "no-second-factor"
    status = 409
    sentence = "This account has no second factor."


class CodeRefused(Refusal):
    slug = "code-refused"
    status = 422
    sentence = "This is not the code of now, or it was used already."

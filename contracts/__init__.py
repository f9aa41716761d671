"""What everyone agrees on: the envelope, the events, the booklet and the published API documents.

Owns the shapes and the words. Imports nothing of ours, so that a foreign program can be given this
package alone. Not here: who says or hears an event, and how it travels (`chassis`).
"""

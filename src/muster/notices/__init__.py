"""The outbox: every mail is kept until it is delivered."""

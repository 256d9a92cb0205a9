"""The bot model: who acts like a person, who like a program; start reading at `bot`."""

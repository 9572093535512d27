"""A thief: another process that has got hold of an agent's session handle ($REEVE_SESSION)."""
import reeve

try:
    reeve.Client(timeout=30).token('files')
    print('a token')
except reeve.ReeveError as error:
    print(type(error).__name__)

"""The calls of an agent, one after the other on one connection: METHOD PARAMETERS... as arguments; prints each reply as a line.
With SOCKET in the environment, at that socket. Runs in units and in containers of the booted system."""
import json
import os
import socket
import sys

PATH = os.environ.get('SOCKET', '/run/reeve/agent/agent.sock')


def main() -> None:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(60)
    client.connect(PATH)
    words = sys.argv[1:]
    for method, parameters in zip(words[::2], words[1::2]):
        call = {'method': f'io.reeve.Agent.{method}', 'parameters': json.loads(parameters)}
        client.sendall(json.dumps(call).encode() + b'\0')
        data = b''
        while not data.endswith(b'\0'):
            piece = client.recv(65536)
            if not piece:
                sys.exit('the daemon ended the connection')
            data += piece
        print(data[:-1].decode(), flush=True)


if __name__ == '__main__':
    main()

"""One Varlink call by the process that runs this; fed to python on standard input by callAs() of world.mjs, which appends
`main(SOCKET, METHOD, PARAMETERS, MORE)`. Prints the reply, or {"error": ...} where there is none, as one line of JSON."""
import json
import socket


def main(path, method, parameters, more=False):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(20)
    data = b''
    try:
        # The other sockets of the same directory tree are asked by their interface's name.
        name = {'Admin': 'admin.sock', 'Binding': 'bind.sock'}.get(method.split('.')[2], 'agent/agent.sock')
        client.connect(path.replace('agent/agent.sock', name))
        client.sendall(json.dumps({'method': method, 'parameters': json.loads(parameters), 'more': more}).encode() + b'\0')
        while not data.endswith(b'\0'):
            piece = client.recv(65536)
            if not piece:
                break
            data += piece
    except OSError as error:
        print(json.dumps({'error': str(error)}))
        return
    print(json.dumps(json.loads(data[:-1])) if data else json.dumps({'error': 'closed'}))

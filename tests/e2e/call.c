/* A Varlink client for containers that hold nothing else: linked statically, it knows sockets only.
 *
 *   call SOCKET    each line of standard input is one call, as JSON; its reply becomes one line of
 * output. The connection stays open until standard input ends. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char buffer[1 << 20];

static int exchange(int fd, const char* call) {
  size_t length = strcspn(call, "\n");
  char frame[1 << 16];
  memcpy(frame, call, length);
  frame[length] = 0;
  if (send(fd, frame, length + 1, MSG_NOSIGNAL) != (ssize_t)(length + 1)) return 0;
  size_t got = 0;
  while (got < sizeof buffer) {
    ssize_t count = recv(fd, buffer + got, sizeof buffer - got, 0);
    if (count <= 0) return 0;
    got += (size_t)count;
    if (buffer[got - 1] == 0) break;
  }
  puts(buffer);
  fflush(stdout);
  return 1;
}

int main(int argc, char** argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path) return 2;
  strcpy(address.sun_path, argv[1]);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr*)&address, sizeof address) != 0) {
    perror(argv[1]);
    return 1;
  }
  char line[1 << 16];
  while (fgets(line, sizeof line, stdin)) {
    if (!exchange(fd, line)) {
      puts("{\"error\":\"closed\"}");
      return 0;
    }
  }
  return 0;
}

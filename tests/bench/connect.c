/* What a connection for one call costs. Linked statically, so that it runs in a container that
 * holds nothing else.
 *
 *   connect SOCKET CALLS                  sends the line of standard input, ended by NUL, and reads
 * one reply, each time over a connection of its own: prints the microseconds of a call, median and
 * p99 connect --serve SOCKET REQUEST REPLY  the yardstick: reads so many octets of a connection,
 * writes so many */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static char buffer[1 << 20];

static struct sockaddr_un address_of(const char* path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) exit(2);
  strcpy(address.sun_path, path);
  return address;
}

static int receive(int fd, size_t octets) {
  size_t got = 0;
  while (octets ? got < octets : got == 0 || buffer[got - 1] != 0) {
    ssize_t count = recv(fd, buffer + got, sizeof buffer - got, 0);
    if (count <= 0) return 0;
    got += (size_t)count;
  }
  return 1;
}

static int serve(const char* path, size_t request, size_t reply) {
  struct sockaddr_un address = address_of(path);
  int listening = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listening, (struct sockaddr*)&address, sizeof address) != 0 || chmod(path, 0666) != 0 ||
      listen(listening, 512) != 0) {
    perror(path);
    return 1;
  }
  static char answer[1 << 20];
  memset(answer, 'x', reply - 1);
  puts("ready");
  fflush(stdout);
  for (;;) {
    int fd = accept(listening, NULL, NULL);
    if (fd < 0) return 1;
    if (receive(fd, request)) send(fd, answer, reply, MSG_NOSIGNAL);
    close(fd);
  }
}

static int later(const void* one, const void* other) {
  double difference = *(const double*)one - *(const double*)other;
  return (difference > 0) - (difference < 0);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static int measure(const char* path, size_t calls) {
  static char request[1 << 16];
  if (!fgets(request, sizeof request, stdin)) return 2;
  size_t length = strcspn(request, "\n");
  request[length] = 0;
  struct sockaddr_un address = address_of(path);
  double* took = calloc(calls, sizeof *took);
  for (size_t i = 0; took && i < calls; ++i) {
    double begun = now();
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr*)&address, sizeof address) != 0 ||
        send(fd, request, length + 1, MSG_NOSIGNAL) != (ssize_t)(length + 1) || !receive(fd, 0)) {
      perror(path);
      return 1;
    }
    close(fd);
    took[i] = now() - begun;
  }
  if (strstr(buffer, "\"error\"")) {
    fprintf(stderr, "%s\n", buffer);
    return 1;
  }
  qsort(took, calls, sizeof *took, later);
  printf("{\"p50\":%.1f,\"p99\":%.1f,\"reply\":%zu}\n", took[calls / 2], took[calls * 99 / 100],
         strlen(buffer) + 1);
  return 0;
}

int main(int argc, char** argv) {
  if (argc == 5 && strcmp(argv[1], "--serve") == 0)
    return serve(argv[2], strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10));
  if (argc == 3 && atol(argv[2]) > 0) return measure(argv[1], strtoul(argv[2], NULL, 10));
  fputs("usage: connect SOCKET CALLS | connect --serve SOCKET REQUEST REPLY\n", stderr);
  return 2;
}

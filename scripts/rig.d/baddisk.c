/* A disk that fails on demand, for scripts/rig/disk: loaded with LD_PRELOAD.
 *
 * BAD_DISK_DIR      only files under this folder are touched
 * BAD_DISK_CONTROL  a file with one word, read at every call: ok | fsync (EIO from fsync and fdatasync) | readonly (EROFS from
 *                   writes, creations, renames) | slow (each flush takes 300 ms longer)
 * BAD_DISK_LOG      each failed flush, one line: the file's path
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static int real_open(const char *path, int flags, mode_t mode) {
  REAL(int, "open64", const char *, int, ...);
  return real(path, flags, mode);
}

static int mode_is(const char *word) {
  char now[16] = "";
  const char *control = getenv("BAD_DISK_CONTROL");
  int fd = control ? real_open(control, O_RDONLY | O_CLOEXEC, 0) : -1;
  if (fd < 0) return 0;
  ssize_t n = pread(fd, now, sizeof now - 1, 0);
  close(fd);
  return n > 0 && strncmp(now, word, strlen(word)) == 0;
}

static int ours(const char *path) {
  const char *dir = getenv("BAD_DISK_DIR");
  return dir && path && strncmp(path, dir, strlen(dir)) == 0;
}

static int path_of(int fd, char *path, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, size - 1);
  path[n > 0 ? n : 0] = 0;
  return ours(path);
}

static int flush(const char *name, int fd) {
  char path[4096];
  int saved = errno;
  if (path_of(fd, path, sizeof path)) {
    if (mode_is("fsync")) {
      const char *log = getenv("BAD_DISK_LOG");
      int out = log ? real_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
      if (out >= 0) {
        dprintf(out, "%s\n", path);
        close(out);
      }
      errno = EIO;
      return -1;
    }
    if (mode_is("slow")) usleep(300000);
  }
  errno = saved;
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  return real(fd);
}

int fsync(int fd) { return flush("fsync", fd); }
int fdatasync(int fd) { return flush("fdatasync", fd); }

static int refused(int fd) {
  char path[4096];
  int saved = errno;
  if (path_of(fd, path, sizeof path) && mode_is("readonly")) {
    errno = EROFS;
    return 1;
  }
  errno = saved;
  return 0;
}

ssize_t pwrite64(int fd, const void *from, size_t n, off64_t at) {
  REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  return refused(fd) ? -1 : real(fd, from, n, at);
}
ssize_t pwrite(int fd, const void *from, size_t n, off_t at) {
  REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
  return refused(fd) ? -1 : real(fd, from, n, at);
}
ssize_t write(int fd, const void *from, size_t n) {
  REAL(ssize_t, "write", int, const void *, size_t);
  return refused(fd) ? -1 : real(fd, from, n);
}

#define OPENS(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (ours(path) && (flags & (O_WRONLY | O_RDWR | O_CREAT)) && mode_is("readonly")) { \
      errno = EROFS; \
      return -1; \
    } \
    return real_open(path, flags, mode); \
  }
OPENS(open)
OPENS(open64)

int rename(const char *from, const char *to) {
  REAL(int, "rename", const char *, const char *);
  if (ours(from) && mode_is("readonly")) {
    errno = EROFS;
    return -1;
  }
  return real(from, to);
}

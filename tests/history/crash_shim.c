/* Preloaded into a run: counts the calls that change files, and kills at the one asked for.

   CRASH_COUNTER  file of 8 bytes that all processes of the run share
   CRASH_AT       number of the call before which to kill (0: only count)
   CRASH_SCOPE    "python", "git" or "any": whose calls count
   CRASH_TREE     process id that dies too, before the caller itself (0: only the caller)
   CRASH_ERRNO    instead of killing, let the call fail with this error
   CRASH_ON       with CRASH_ERRNO: 1 lets every later call fail too
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static volatile int64_t *counter;
static int64_t kill_at;
static pid_t tree;
static int counting, fault, lasting;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CRASH_COUNTER"), *at = getenv("CRASH_AT");
    const char *scope = getenv("CRASH_SCOPE"), *root = getenv("CRASH_TREE");
    if (!path || !at || !scope) return;
    int is_git = strncmp(program_invocation_short_name, "git", 3) == 0;
    int is_python = strncmp(program_invocation_short_name, "python", 6) == 0;
    if (!strcmp(scope, "python") ? !is_python : !strcmp(scope, "git") ? !is_git : 0) return;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    counter = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (counter == MAP_FAILED) return;
    kill_at = atoll(at);
    tree = root ? atoi(root) : 0;
    fault = getenv("CRASH_ERRNO") ? atoi(getenv("CRASH_ERRNO")) : 0;
    lasting = getenv("CRASH_ON") && *getenv("CRASH_ON") == '1';
    counting = 1;
}

/* Counts; 0 to go on, else errno is set and the call has failed. */
static int point(void) {
    if (!counting) return 0;
    int64_t number = __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
    if (!kill_at || number < kill_at || (number > kill_at && !(fault && lasting))) return 0;
    if (fault) {
        errno = fault;
        return 1;
    }
    if (tree > 0) kill(tree, SIGKILL);
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int regular(int fd) {
    struct stat info;
    int saved = errno, is = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    errno = saved;
    return is;
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, #name, const char *, int, ...); \
        va_list rest; va_start(rest, flags); \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        if ((flags & (O_CREAT | O_TRUNC)) && point()) return -1; \
        return real(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        REAL(int, #name, int, const char *, int, ...); \
        va_list rest; va_start(rest, flags); \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        if ((flags & (O_CREAT | O_TRUNC)) && point()) return -1; \
        return real(folder, path, flags, mode); \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(ssize_t, "write", int, const void *, size_t);
    if (regular(fd) && point()) return -1;
    return real(fd, data, size);
}
#define PWRITE(name) \
    ssize_t name(int fd, const void *data, size_t size, off_t at) { \
        REAL(ssize_t, #name, int, const void *, size_t, off_t); \
        if (regular(fd) && point()) return -1; \
        return real(fd, data, size, at); \
    }
PWRITE(pwrite)
PWRITE(pwrite64)
ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    if (regular(fd) && point()) return -1;
    return real(fd, parts, count);
}

#define WRAP1(name, A) \
    int name(A a) { REAL(int, #name, A); if (point()) return -1; return real(a); }
#define WRAP2(name, A, B) \
    int name(A a, B b) { REAL(int, #name, A, B); if (point()) return -1; return real(a, b); }
#define WRAP3(name, A, B, C) \
    int name(A a, B b, C c) { REAL(int, #name, A, B, C); if (point()) return -1; return real(a, b, c); }
#define WRAP4(name, A, B, C, D) \
    int name(A a, B b, C c, D d) { \
        REAL(int, #name, A, B, C, D); if (point()) return -1; return real(a, b, c, d); }
#define WRAP5(name, A, B, C, D, E) \
    int name(A a, B b, C c, D d, E e) { \
        REAL(int, #name, A, B, C, D, E); if (point()) return -1; return real(a, b, c, d, e); }

typedef const char *text;
WRAP1(fsync, int)
WRAP1(fdatasync, int)
WRAP1(unlink, text)
WRAP1(rmdir, text)
WRAP2(rename, text, text)
WRAP2(link, text, text)
WRAP2(symlink, text, text)
WRAP2(mkdir, text, mode_t)
WRAP2(chmod, text, mode_t)
WRAP2(fchmod, int, mode_t)
WRAP2(ftruncate, int, off_t)
WRAP2(ftruncate64, int, off_t)
WRAP3(unlinkat, int, text, int)
WRAP3(mkdirat, int, text, mode_t)
WRAP3(symlinkat, text, int, text)
WRAP4(renameat, int, text, int, text)
WRAP5(renameat2, int, text, int, text, unsigned int)
WRAP5(linkat, int, text, int, text, int)

/* Preloaded into a run: counts the calls that change files, and kills at the one asked for.

   CRASH_COUNTER  file of 8 bytes that all processes of the run share
   CRASH_AT       number of the call before which to kill (0: only count)
   CRASH_SCOPE    "python", "git" or "any": whose calls count
   CRASH_TREE     process id that dies too, before the caller itself (0: only the caller)
   CRASH_ERRNO    instead of killing, let the call fail with this error
   CRASH_ON       with CRASH_ERRNO: 1 lets every later call fail too
   CRASH_LOST     with CRASH_ERRNO: 1 does what was asked, and then says that it failed
   CRASH_JUMP     instead of killing, let the clock jump by so many seconds
   CRASH_COARSE   1: no hard links, and times of files in steps of two seconds
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
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *counter;
static int64_t kill_at;
static pid_t tree;
static int64_t jump;
static int counting, fault, lasting, lost, coarse;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("CRASH_COUNTER"), *at = getenv("CRASH_AT");
    const char *scope = getenv("CRASH_SCOPE"), *root = getenv("CRASH_TREE");
    if (!path || !at || !scope) return;
    coarse = getenv("CRASH_COARSE") != NULL;
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
    jump = getenv("CRASH_JUMP") ? atoll(getenv("CRASH_JUMP")) : 0;
    lost = getenv("CRASH_LOST") != NULL;
    lasting = getenv("CRASH_ON") && *getenv("CRASH_ON") == '1';
    counting = 1;
}

/* Counts. 0: go on; -1: fail, errno is set; 1: do it, and then fail with `fault`. */
static int point(void) {
    if (!counting) return 0;
    int64_t number = __atomic_add_fetch(counter, 1, __ATOMIC_SEQ_CST);
    if (jump || !kill_at || number < kill_at) return 0;
    if (number > kill_at && !(fault && lasting)) return 0;
    if (fault) {
        errno = fault;
        return lost ? 1 : -1;
    }
    if (tree > 0) kill(tree, SIGKILL);
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int64_t offset(void) {
    if (!jump || !counting) return 0;
    return __atomic_load_n(counter, __ATOMIC_SEQ_CST) >= kill_at ? jump : 0;
}

#define THROUGH(type, call) \
    int at_point = point(); \
    if (at_point < 0) return -1; \
    type result = (call); \
    if (at_point > 0) { errno = fault; return -1; } \
    return result

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
        if (!(flags & (O_CREAT | O_TRUNC))) return real(path, flags, mode); \
        THROUGH(int, real(path, flags, mode)); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        REAL(int, #name, int, const char *, int, ...); \
        va_list rest; va_start(rest, flags); \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        if (!(flags & (O_CREAT | O_TRUNC))) return real(folder, path, flags, mode); \
        THROUGH(int, real(folder, path, flags, mode)); \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int fd, const void *data, size_t size) {
    REAL(ssize_t, "write", int, const void *, size_t);
    if (!regular(fd)) return real(fd, data, size);
    THROUGH(ssize_t, real(fd, data, size));
}
#define PWRITE(name) \
    ssize_t name(int fd, const void *data, size_t size, off_t at) { \
        REAL(ssize_t, #name, int, const void *, size_t, off_t); \
        if (!regular(fd)) return real(fd, data, size, at); \
        THROUGH(ssize_t, real(fd, data, size, at)); \
    }
PWRITE(pwrite)
PWRITE(pwrite64)
ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    if (!regular(fd)) return real(fd, parts, count);
    THROUGH(ssize_t, real(fd, parts, count));
}

#define WRAP1(name, A) \
    int name(A a) { REAL(int, #name, A); THROUGH(int, real(a)); }
#define WRAP2(name, A, B) \
    int name(A a, B b) { REAL(int, #name, A, B); THROUGH(int, real(a, b)); }
#define WRAP3(name, A, B, C) \
    int name(A a, B b, C c) { REAL(int, #name, A, B, C); THROUGH(int, real(a, b, c)); }
#define WRAP4(name, A, B, C, D) \
    int name(A a, B b, C c, D d) { \
        REAL(int, #name, A, B, C, D); THROUGH(int, real(a, b, c, d)); }
#define WRAP5(name, A, B, C, D, E) \
    int name(A a, B b, C c, D d, E e) { \
        REAL(int, #name, A, B, C, D, E); THROUGH(int, real(a, b, c, d, e)); }

typedef const char *text;
WRAP1(fsync, int)
WRAP1(fdatasync, int)
WRAP1(unlink, text)
WRAP1(rmdir, text)
WRAP2(rename, text, text)
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

int link(const char *from, const char *to) {
    REAL(int, "link", const char *, const char *);
    if (coarse) { errno = EPERM; return -1; }
    THROUGH(int, real(from, to));
}
int linkat(int here, const char *from, int there, const char *to, int flags) {
    REAL(int, "linkat", int, const char *, int, const char *, int);
    if (coarse) { errno = EPERM; return -1; }
    THROUGH(int, real(here, from, there, to, flags));
}

/* A file system whose times have steps of two seconds, as vfat and some network ones. */
#define ROUND(info) \
    if (done == 0 && coarse) { \
        info->st_mtim.tv_sec &= ~1L; info->st_mtim.tv_nsec = 0; \
        info->st_ctim.tv_sec &= ~1L; info->st_ctim.tv_nsec = 0; \
    } \
    return done
#define STAT(name, kind) \
    int name(const char *path, struct kind *info) { \
        REAL(int, #name, const char *, struct kind *); \
        int done = real(path, info); ROUND(info); }
#define FSTAT(name, kind) \
    int name(int fd, struct kind *info) { \
        REAL(int, #name, int, struct kind *); \
        int done = real(fd, info); ROUND(info); }
#define FSTATAT(name, kind) \
    int name(int folder, const char *path, struct kind *info, int flags) { \
        REAL(int, #name, int, const char *, struct kind *, int); \
        int done = real(folder, path, info, flags); ROUND(info); }
STAT(stat, stat)
STAT(lstat, stat)
FSTAT(fstat, stat)
FSTATAT(fstatat, stat)
STAT(stat64, stat64)
STAT(lstat64, stat64)
FSTAT(fstat64, stat64)
FSTATAT(fstatat64, stat64)

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(int, "clock_gettime", clockid_t, struct timespec *);
    int done = real(clock, now);
    if (done == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += offset();
    return done;
}
int gettimeofday(struct timeval *now, void *zone) {
    REAL(int, "gettimeofday", struct timeval *, void *);
    int done = real(now, zone);
    if (done == 0) now->tv_sec += offset();
    return done;
}
time_t time(time_t *where) {
    REAL(time_t, "time", time_t *);
    time_t now = real(NULL) + offset();
    if (where) *where = now;
    return now;
}

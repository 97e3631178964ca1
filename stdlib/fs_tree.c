// stdlib/fs_tree.c
// Removing a folder with all that is in it.
//
// Names stay the bytes they are (tg's Strings are UTF-8, names on disk need not be), and each is looked for in the open folder it stands
// in, so that nobody can put a link to elsewhere in its way. There is no way back up: what is emptied is removed, and the next one is
// looked for from the top, so that two descriptors do for a tree of any depth.
//
// Layer: library.
#include "stdlib/fs_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 500 }; // things removed a turn

typedef struct {
    TgBuffer *where;
    int removed;
} Turn;

static void go_into(Turn *turn, const char *name) {
    if (turn->where->length) tg_buffer_text(turn->where, "/");
    tg_buffer_text(turn->where, name);
}

// Removes what is in a folder up to the first folder in it, whose name comes into `below` ("": there is none).
static int sweep(DIR *folder, char *below, Turn *turn) {
    *below = '\0';
    for (struct dirent *entry; errno = 0, (entry = readdir(folder));) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (unlinkat(dirfd(folder), entry->d_name, 0) == 0) {
            if (++turn->removed >= MOST) return EAGAIN;
        } else if (errno == EISDIR) {
            strcpy(below, entry->d_name);
            return 0;
        } else if (errno != ENOENT) {
            int error = errno;
            go_into(turn, entry->d_name);
            return error;
        }
    }
    return errno;
}

static DIR *open_folder(int above, const char *name) {
    int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    int error = errno;
    if (fd >= 0 && !folder) close(fd);
    errno = error;
    return folder;
}

static int remove_empty(int above, const char *name, Turn *turn) {
    if (unlinkat(above, name, AT_REMOVEDIR) == 0) return turn->removed++, 0;
    if (errno == ENOENT) return 0;
    // Somebody puts things into it meanwhile; whoever only does that is not waited for.
    return errno == ENOTEMPTY && turn->removed ? EAGAIN : errno;
}

// Down to a folder that has no folders in it; it is emptied and removed.
static int descend(const char *path, Turn *turn) {
    char name[sizeof ((struct dirent *)0)->d_name], below[sizeof name] = "";
    DIR *above = NULL;
    int error = 0;
    turn->where->length = 0;
    go_into(turn, path);
    for (const char *at = path;; at = strcpy(name, below)) {
        DIR *folder = open_folder(above ? dirfd(above) : AT_FDCWD, at);
        error = folder ? sweep(folder, below, turn) : errno == ENOENT && above ? EAGAIN : errno;
        if (folder && !error && !*below) error = remove_empty(above ? dirfd(above) : AT_FDCWD, at, turn);
        if (above) closedir(above);
        above = folder;
        if (error || !*below) break;
        go_into(turn, below);
    }
    if (above) closedir(above);
    return error;
}

int tg_fs_remove_some(const char *path, TgBuffer *where) {
    Turn turn = {.where = where};
    int error = 0;
    do {
        if (unlink(path) == 0 || rmdir(path) == 0 || (errno == ENOENT && turn.removed)) return 0;
        if (errno != ENOTEMPTY && errno != EEXIST) {
            error = errno;
            // What is no folder could not be unlinked; why not is what counts.
            if (error == ENOTDIR && unlink(path) != 0) error = errno;
            where->length = 0;
            go_into(&turn, path);
            break;
        }
        error = descend(path, &turn);
    } while (!error && turn.removed < MOST);
    tg_buffer_add(where, "", 1);
    if (where->failed) error = ENOMEM;
    struct stat info;
    return error ? error : lstat(path, &info) == 0 ? EAGAIN : 0;
}

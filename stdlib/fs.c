// stdlib/fs.c
// The module fs: one job for each call to the system, and what it gives. All else (walk, glob, remove with all that is in
// it, paths) is in fs.tg.
//
// Layer: library.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stdlib/fs_tree.h"
#include "stdlib/ioerror.h"
#include "stdlib/lib.h"

typedef struct FsJob FsJob;

// What an operation is: its words, the call (on another thread; 0 or errno), what it gives (NULL: nil), and what takes back
// what was made where nobody waits for it any more.
typedef struct {
    const char *verb, *doing; // "list", "listing"
    int (*work)(FsJob *job);
    TgValue (*give)(TgVM *vm, FsJob *job);
    void (*undo)(FsJob *job);
} Operation;

struct FsJob {
    TgJob job;
    const Operation *operation;
    char *path, *other; // the second path of those that take two
    int64_t number;
    bool flag;
    int error;
    const char *reason; // of the error, where there is more to say than the system does
    char told[160];     // the same, when replaying
    bool is_taken;
    TgBuffer text;      // names, one after the other with a NUL behind each; a path; after an error the one that it is about
    struct stat info;
};

// ---- The job

// A name on disk is bytes: what is no UTF-8 in it shows as U+FFFD.
static TgString *name_string(TgVM *vm, const char *name) {
    size_t length = strlen(name), at = 0;
    TgBuffer clean = {0};
    while (at < length) {
        size_t good = tg_lib_utf8_good((const uint8_t *)name + at, length - at);
        tg_buffer_add(&clean, name + at, good);
        at += good;
        if (at < length) tg_buffer_text(&clean, "\xEF\xBF\xBD");
        at++;
    }
    TgString *text = tg_string(vm, clean.data ? clean.data : "", clean.length);
    tg_buffer_free(&clean);
    return text;
}

static TgValue name_value(TgVM *vm, const char *name) { return tg_obj(name_string(vm, name)); }

static void fs_run(TgJob *job) {
    FsJob *fs = (FsJob *)job;
    do fs->error = fs->operation->work(fs);
    while (fs->error == EINTR);
}

static TgValue stat_give(TgVM *vm, FsJob *fs);

static void tape_reason(TgTape *tape, FsJob *fs) {
    size_t length = fs->reason ? (size_t)snprintf(fs->told, sizeof fs->told, "%s", fs->reason) : 0;
    tg_tape_block(tape, fs->told, &length, sizeof fs->told - 1);
    fs->told[length] = '\0';
    fs->reason = length ? fs->told : NULL;
}

static void fs_tape(TgJob *job, TgTape *tape) {
    FsJob *fs = (FsJob *)job;
    tg_tape_small(tape, &fs->error);
    tg_tape_buffer(tape, &fs->text);
    tg_tape_flag(tape, &fs->flag);
    tape_reason(tape, fs);
    if (fs->operation->give == stat_give) tg_tape_bytes(tape, &fs->info, sizeof fs->info);
}

static bool fs_finish(TgVM *vm, TgJob *job, TgValue *value) {
    FsJob *fs = (FsJob *)job;
    if (!fs->error) {
        fs->is_taken = true;
        *value = fs->operation->give ? fs->operation->give(vm, fs) : TG_NIL;
        return true;
    }
    TgBuffer text = {0};
    const char *path = fs->text.length ? fs->text.data : fs->path;
    tg_text_quote(&text, name_string(vm, path));
    if (fs->other) tg_buffer_text(&text, " to ");
    if (fs->other) tg_text_quote(&text, name_string(vm, fs->other));
    const char *code = strerrorname_np(fs->error);
    if (fs->reason) tg_io_error_own(vm, code, path, "cannot %s %.*s: %s (%s)", fs->operation->verb, (int)text.length, text.data, fs->reason, code);
    else tg_io_error(vm, fs->error, path, "cannot %s %.*s", fs->operation->verb, (int)text.length, text.data);
    tg_buffer_free(&text);
    return false;
}

static void fs_drop(TgJob *job) {
    FsJob *fs = (FsJob *)job;
    if (!fs->is_taken && !fs->error && fs->operation->undo && fs->text.length && !tg_world_replays(job->vm)) fs->operation->undo(fs);
    tg_buffer_free(&fs->text);
    free(fs->path);
    free(fs->other);
    free(fs);
}

// The operation on the path in args[0] (and the one in args[1]); parks, and what it gives is the native's result.
static TgResult fs_start(TgCall *call, const Operation *operation, bool has_two, int64_t number, bool flag) {
    TgString *path, *other = NULL;
    if (!tg_arg_path(call, 0, &path) || (has_two && !tg_arg_path(call, 1, &other))) return TG_RAISED;
    FsJob *fs = calloc(1, sizeof *fs);
    if (!fs) return tg_raise_memory(call);
    fs->job.run = fs_run;
    fs->job.finish = fs_finish;
    fs->job.tape = fs_tape;
    fs->job.drop = fs_drop;
    fs->operation = operation;
    fs->path = strdup(path->data);
    fs->other = other ? strdup(other->data) : NULL;
    fs->number = number;
    fs->flag = flag;
    if (!fs->path || (other && !fs->other)) {
        fs_drop(&fs->job);
        return tg_raise_memory(call);
    }
    tg_job_what(&fs->job, operation->doing, fs->path);
    TgWaitFor what = {operation->doing, path, NULL};
    return tg_park_on_job(call, &what, &fs->job, 0);
}

static int outcome(int status) { return status == 0 ? 0 : errno; }

// ---- Looking

static int list_work(FsJob *fs) {
    DIR *folder = opendir(fs->path);
    if (!folder) return errno;
    struct dirent *entry;
    while (errno = 0, (entry = readdir(folder))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        tg_buffer_add(&fs->text, entry->d_name, strlen(entry->d_name) + 1);
    }
    int error = fs->text.failed ? ENOMEM : errno;
    closedir(folder);
    return error;
}

static TgValue list_give(TgVM *vm, FsJob *fs) {
    TgList *names = tg_list(vm, 0);
    for (const char *at = fs->text.data; at && at < fs->text.data + fs->text.length; at += strlen(at) + 1)
        tg_list_push(vm, names, name_value(vm, at));
    return tg_obj(names);
}

static int stat_work(FsJob *fs) {
    int error = outcome(fs->flag ? stat(fs->path, &fs->info) : lstat(fs->path, &fs->info));
    bool is_absent = error == ENOENT || error == ENOTDIR || (error == ELOOP && fs->number);
    if (is_absent && fs->number) fs->info.st_nlink = 0; // nobody complains: it is not there
    return is_absent && fs->number ? 0 : error;
}

static const char *kind_of(mode_t mode) {
    return S_ISREG(mode)    ? "file"
           : S_ISDIR(mode)  ? "folder"
           : S_ISLNK(mode)  ? "link"
           : S_ISFIFO(mode) ? "pipe"
           : S_ISSOCK(mode) ? "socket"
                            : "device";
}

static TgValue seconds(struct timespec time) { return tg_float((double)time.tv_sec + (double)time.tv_nsec * 1e-9); }

static TgValue stat_give(TgVM *vm, FsJob *fs) {
    const struct stat *s = &fs->info;
    if (!s->st_nlink && fs->number) return TG_NIL;
    TgValue values[] = {tg_obj(tg_string_c(vm, kind_of(s->st_mode))),
                        tg_int_from(vm, s->st_size),
                        tg_int(s->st_mode & 07777),
                        seconds(s->st_mtim),
                        seconds(s->st_atim),
                        seconds(s->st_ctim),
                        tg_int((int64_t)s->st_uid),
                        tg_int((int64_t)s->st_gid),
                        tg_int_from(vm, (int64_t)s->st_ino),
                        tg_int_from(vm, (int64_t)s->st_nlink),
                        tg_int_from(vm, (int64_t)s->st_dev)};
    return tg_obj(tg_list_of(vm, values, sizeof values / sizeof *values));
}

static TgValue text_give(TgVM *vm, FsJob *fs) { return name_value(vm, fs->text.data ? fs->text.data : ""); }

static int readlink_work(FsJob *fs) {
    char target[PATH_MAX];
    ssize_t length = readlink(fs->path, target, sizeof target - 1);
    if (length < 0) return errno;
    target[length] = '\0';
    tg_buffer_add(&fs->text, target, (size_t)length + 1);
    return 0;
}

static int real_work(FsJob *fs) {
    char *real = realpath(fs->path, NULL);
    if (!real) return errno;
    tg_buffer_add(&fs->text, real, strlen(real) + 1);
    free(real);
    return 0;
}

// ---- Changing

static int mkdir_work(FsJob *fs) {
    int error = outcome(mkdir(fs->path, 0777));
    if (error == ENOENT) fs->reason = "the folder above it is not there; parents: true makes that too";
    return error;
}

static int rename_work(FsJob *fs) {
    int error = outcome(rename(fs->path, fs->other));
    if (error == EXDEV) fs->reason = "that is another file system; fs.copy() and then fs.remove() do it";
    return error;
}

static int link_work(FsJob *fs) { return outcome(link(fs->path, fs->other)); }
static int symlink_work(FsJob *fs) { return outcome(symlink(fs->path, fs->other)); }
static int chmod_work(FsJob *fs) { return outcome(chmod(fs->path, (mode_t)fs->number)); }

// A folder that is empty, or whatever else it is.
static int remove_work(FsJob *fs) {
    if (unlink(fs->path) == 0) return 0;
    int error = errno;
    if (error != EISDIR && error != EPERM) return error;
    if (rmdir(fs->path) == 0) return 0;
    if (errno == ENOTEMPTY) fs->reason = "the folder is not empty; recursive: true removes it with all that is in it";
    return errno == ENOTDIR ? error : errno;
}

// With all that is in it, in turns: whether there is more.
static int remove_tree_work(FsJob *fs) {
    int error = tg_fs_remove_some(fs->path, &fs->text);
    fs->flag = error == EAGAIN;
    return fs->flag ? 0 : error;
}

static TgValue flag_give(TgVM *vm, FsJob *fs) { return (void)vm, tg_bool(fs->flag); }

static int touch_work(FsJob *fs) {
    int fd = open(fs->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    if (fd >= 0) close(fd);
    if (fd < 0 && errno != ENXIO && errno != EISDIR) return errno;
    return outcome(utimensat(AT_FDCWD, fs->path, NULL, 0));
}

static int copy_bytes(int from, int to) {
    enum { ROOM = 1 << 18 };
    char *data = malloc(ROOM);
    int error = data ? 0 : ENOMEM;
    ssize_t got = 1;
    while (!error && got > 0) {
        got = read(from, data, ROOM);
        if (got < 0) error = errno == EINTR ? 0 : errno, got = error ? got : 1;
        else for (ssize_t done = 0; done < got && !error;) {
            ssize_t wrote = write(to, data + done, (size_t)(got - done));
            if (wrote > 0) done += wrote;
            else if (errno != EINTR) error = errno;
        }
    }
    free(data);
    return error;
}

// Whether both paths lead to one file: to open it for writing would empty it.
static bool are_same(const struct stat *from, const char *other) {
    struct stat to;
    return stat(other, &to) == 0 && to.st_dev == from->st_dev && to.st_ino == from->st_ino;
}

// A regular file with its mode.
static int copy_work(FsJob *fs) {
    struct stat info;
    int from = open(fs->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (from < 0) return errno;
    int error = outcome(fstat(from, &info));
    if (!error && !S_ISREG(info.st_mode)) error = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
    if (error) fs->reason = error == EISDIR ? "it is a folder; recursive: true copies it with all that is in it" : error == EINVAL ? "it is no file" : NULL;
    if (!error && are_same(&info, fs->other)) error = EEXIST, fs->reason = "both are one file";
    int to = error ? -1 : open(fs->other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, info.st_mode & 0777);
    if (!error && to < 0) error = errno;
    if (to < 0 && error == EISDIR && !fs->reason) fs->reason = "there is a folder of this name; say the name in it";
    if (!error) error = copy_bytes(from, to);
    if (to >= 0 && close(to) != 0 && !error) error = errno;
    close(from);
    return error;
}

// A new file or folder whose name begins with `path` and goes on at random.
static int temp_work(FsJob *fs) {
    tg_buffer_format(&fs->text, "%sXXXXXX%s", fs->path, fs->flag ? "" : fs->other ? fs->other : "");
    tg_buffer_add(&fs->text, "", 1);
    if (fs->text.failed) return ENOMEM;
    if (fs->flag) {
        if (mkdtemp(fs->text.data)) return 0;
    } else {
        int fd = mkostemps(fs->text.data, fs->other ? (int)strlen(fs->other) : 0, O_CLOEXEC);
        if (fd >= 0) return close(fd), 0;
    }
    int error = errno;
    fs->text.length = 0;
    return error;
}

static TgValue temp_give(TgVM *vm, FsJob *fs) { return tg_fs_draft(vm, fs->text.data, name_string(vm, fs->text.data)); }

static void temp_undo(FsJob *fs) {
    if (fs->flag) rmdir(fs->text.data);
    else unlink(fs->text.data);
}

// ---- Natives

static const Operation op_list = {"list", "listing", list_work, list_give, NULL},
                       op_stat = {"look at", "looking at", stat_work, stat_give, NULL},
                       op_readlink = {"read the link", "reading the link", readlink_work, text_give, NULL},
                       op_real = {"find", "finding", real_work, text_give, NULL},
                       op_mkdir = {"make the folder", "making the folder", mkdir_work, NULL, NULL},
                       op_remove = {"remove", "removing", remove_work, NULL, NULL},
                       op_remove_tree = {"remove", "removing", remove_tree_work, flag_give, NULL},
                       op_rename = {"rename", "renaming", rename_work, NULL, NULL},
                       op_link = {"link", "linking", link_work, NULL, NULL},
                       op_symlink = {"link", "linking", symlink_work, NULL, NULL},
                       op_chmod = {"change the mode of", "changing the mode of", chmod_work, NULL, NULL},
                       op_touch = {"touch", "touching", touch_work, NULL, NULL},
                       op_copy = {"copy", "copying", copy_work, NULL, NULL},
                       op_temp = {"make a new name at", "making a new name at", temp_work, temp_give, temp_undo};

static TgResult fs_list(TgCall *call) { return fs_start(call, &op_list, false, 0, false); }
// args: path, whether links are followed, whether nil is to be given where it is not there.
static TgResult fs_stat(TgCall *call) {
    return fs_start(call, &op_stat, false, tg_truthy(call->args[2]), tg_truthy(call->args[1]));
}
static TgResult fs_readlink(TgCall *call) { return fs_start(call, &op_readlink, false, 0, false); }
static TgResult fs_real(TgCall *call) { return fs_start(call, &op_real, false, 0, false); }
static TgResult fs_mkdir(TgCall *call) { return fs_start(call, &op_mkdir, false, 0, false); }
static TgResult fs_remove(TgCall *call) { return fs_start(call, &op_remove, false, 0, false); }
static TgResult fs_remove_some(TgCall *call) { return fs_start(call, &op_remove_tree, false, 0, false); }
static TgResult fs_rename(TgCall *call) { return fs_start(call, &op_rename, true, 0, false); }
static TgResult fs_link(TgCall *call) { return fs_start(call, &op_link, true, 0, false); }
static TgResult fs_symlink(TgCall *call) { return fs_start(call, &op_symlink, true, 0, false); }
static TgResult fs_touch(TgCall *call) { return fs_start(call, &op_touch, false, 0, false); }
static TgResult fs_copy(TgCall *call) { return fs_start(call, &op_copy, true, 0, false); }
static TgResult fs_temp_dir(TgCall *call) { return fs_start(call, &op_temp, false, 0, true); }
static TgResult fs_temp_file(TgCall *call) { return fs_start(call, &op_temp, tg_lib_given(call, 1), 0, false); }

static TgResult fs_chmod(TgCall *call) {
    int64_t mode;
    if (!tg_arg_index(call, 1, &mode)) return TG_RAISED;
    if (mode < 0 || mode > 07777) return tg_raise(call, TG_ERR_ValueError, "chmod(): a mode is 0 to 0o7777, as 0o644, not %lld", (long long)mode);
    return fs_start(call, &op_chmod, false, mode, false);
}

static TgResult fs_match(TgCall *call) {
    TgString *name, *pattern;
    if (!tg_arg_string(call, 0, &name) || !tg_arg_string(call, 1, &pattern)) return TG_RAISED;
    return tg_return(call, tg_bool(fnmatch(pattern->data, name->data, FNM_PERIOD) == 0));
}

static TgResult fs_cwd(TgCall *call) {
    char path[PATH_MAX];
    if (tg_lib_cwd(call->vm, path, sizeof path)) return tg_return(call, name_value(call->vm, path));
    return tg_io_raise(call, errno, NULL, "cannot say where the current folder is");
}

static TgResult fs_temp_root(TgCall *call) {
    char root[PATH_MAX];
    bool is_set = tg_lib_env(call->vm, "TMPDIR", root, sizeof root);
    return tg_return(call, name_value(call->vm, is_set ? root : "/tmp"));
}

const TgNativeDef tg_lib_fs_members[] = {
    {"readlink(path)", fs_readlink, "Where a symbolic link leads, as it stands in the link."},
    {"real(path)", fs_real, "The path without links, `.` and `..`, from the root on; what it names has to be there."},
    {"rename(path, to)", fs_rename, "Renames or moves within one file system; a file that has the new name is replaced."},
    {"link(path, to)", fs_link, "Gives a file a second name."},
    {"symlink(target, path)", fs_symlink, "Makes a symbolic link at `path` that leads to `target`."},
    {"chmod(path, mode)", fs_chmod, "Sets who may do what, as 0o644."},
    {"touch(path)", fs_touch, "Makes an empty file, or gives one that is there the time of now."},
    {0},
};

// What fs.tg is made with.
static const TgNativeDef hidden[] = {
    {"_list(path)", fs_list, "The names in a folder."},
    {"_stat(path, follow, may_be_absent)", fs_stat, "What there is to know, as a List; nil where it may be absent and is."},
    {"_mkdir(path)", fs_mkdir, "A new folder."},
    {"_remove(path)", fs_remove, "Removes a file or an empty folder."},
    {"_remove_some(path)", fs_remove_some, "Removes some of what is in a folder, then itself; whether there is more."},
    {"_copy(path, to)", fs_copy, "Copies a file."},
    {"_temp_dir(prefix)", fs_temp_dir, "A new folder, as a Draft."},
    {"_temp_file(prefix, suffix = nil)", fs_temp_file, "A new file, as a Draft."},
    {"_match(name, pattern)", fs_match, "Whether a name fits a pattern of one folder."},
    {"_cwd()", fs_cwd, "The current folder."},
    {"_temp_root()", fs_temp_root, "Where temporary files go."},
    {0},
};

void tg_lib_fs(TgVM *vm, TgModule *module) {
    tg_register_members(vm, module, tg_lib_fs_members);
    tg_register_members(vm, module, hidden);
    tg_register_members(vm, module, tg_lib_fs_temp);
    tg_lib_fs_watch(vm, module);
}

// stdlib/topics.c
// What help says of things that have no row of their own: classes, fields, constants, and the words
// of the language. Layer: library, data.
#include "stdlib/entries.h"

const TgHelpRow tg_help_rows[] = {
    {"", "args", "The List of the script's arguments, as Strings."},

    {"", "Nil", "The class of nil, which stands for no value and counts as false."},
    {"", "Bool", "The class of true and false; they are no numbers: true + 1 is a TypeError."},
    {"", "Int", "A whole number of any size, always exact."},
    {"", "Float",
     "A number with a fraction, an IEEE 754 double; printed with the fewest digits that give it "
     "again."},
    {"", "String",
     "A text in UTF-8 that never changes: methods give new ones; counted and indexed by code "
     "point."},
    {"", "Bytes", "Bytes in a row that never change: what files, sockets and codecs give; b[0] is an Int, b[a..b] Bytes."},
    {"", "List", "Items in order, any values, as many as there are: [1, 2, 3]."},
    {"", "Map", "Values under keys, in the order in which the keys came: {name: \"ann\", 2: [4]}."},
    {"", "Range",
     "The Ints from one up to, not including, another: 0..10; empty where it runs backwards."},
    {"", "Function",
     "What can be called: a built-in function, fn(x) => x + 1, or a method of an object."},
    {"", "Class", "What makes instances when it is called; type(x) gives the class of x."},
    {"", "Task", "A call that runs beside others; `spawn` and n.spawn() give it."},
    {"", "Nursery",
     "The tasks of a `nursery n { … }` block; after the block it can still be asked."},
    {"", "Channel", "Hands values from task to task; made by channel(capacity = 0)."},
    {"", "Lock", "Lets one task at a time in; made by lock(), used as with m { … }."},
    {"", "Semaphore", "Lets n tasks at a time in; made by semaphore(n), used as with s { … }."},
    {"", "Event", "Tasks wait for it until somebody sets it, once and for good; made by event()."},
    {"", "Condition",
     "Tasks that hold a lock wait until another one tells them of a change; made by "
     "condition(lock)."},
    {"", "Barrier", "Tasks wait for one another, until n are there; made by barrier(n)."},

    {"", "Exception", "The root of all that can be raised."},
    {"", "Error", "Every ordinary error; a bare `except` takes Errors and nothing else."},
    {"", "Interrupt",
     "Ctrl-C, raised in every task; only `except Interrupt` and `except Exception` take it."},
    {"", "LimitReached",
     "A limit of the command line was reached, as --max-memory; a bare `except` leaves it alone."},
    {"", "TypeError", "A value of the wrong type, or a call with the wrong arguments."},
    {"", "ValueError", "A value of the right type that cannot be used here."},
    {"", "NameError", "A variable was used before its `let` has run."},
    {"", "AttributeError", "There is no such field, method or member."},
    {"", "IndexError", "There is no item at this index."},
    {"", "KeyError", "There is no such key in the Map."},
    {"", "ZeroDivisionError", "A number was divided by zero; by 0.0 too."},
    {"", "AssertionError", "What assert() was given is not true."},
    {"", "IOError",
     "The system refused something; its `code` is the system's name of the reason, as \"ENOENT\"."},
    {"", "Timeout", "The time of a `timeout` block was up, and it has no `else`."},
    {"", "Closed", "A channel or nursery is closed already."},
    {"", "Deadlock", "Every task waits and nothing can wake one; or a task waits for itself."},
    {"", "TaskCancelled",
     "wait() was called on a task that was cancelled, so it has no value to give."},
    {"", "StackOverflow", "Calls, or Lists in Lists, are nested too deep."},
    {"", "MemoryError", "There is no memory for what was asked."},
    {"", "SyntaxError", "A file that was imported has errors that stop it from being run."},
    {"", "ImportError",
     "There is no such module or file to import, or files import each other in a circle."},
    {"", "ErrorGroup", "Several exceptions as one, as when several tasks of a nursery fail."},

    {"os", "args", "The List of the script's arguments, as `args` itself."},
    {"os", "env", "A Map of the environment, as it was at the start; what a script sets there, its children get."},

    {"Exception", "message", "The String it was made with, \"\" without one."},
    {"Exception", "cause",
     "The exception that it was raised from, or while handling which it was raised; or nil."},
    {"Exception", "trace",
     "A List of Maps with function, file, line and task, the innermost call first."},
    {"IOError", "code", "The system's name of the reason, as \"ENOENT\", or nil."},
    {"ErrorGroup", "errors",
     "The List of its members: no groups, at least one, an Interrupt first."},
    {"Interrupt", "tasks",
     "A List of Maps with task, file, line and waiting: the tasks that Ctrl-C struck."},
    {"Task", "id", "Its number, an Int that no other task of the run has."},
    {"Task", "name", "The name it was given, else that of its function; a task shows as name#id."},
    {"Task", "state",
     "\"ready\", \"running\", \"blocked\", \"done\", \"failed\" or \"cancelled\"."},
    {"Nursery", "cancelled", "Whether it was cancelled, by n.cancel() or because a task failed."},
    {"Nursery", "tasks", "A List of its children that have not ended."},
    {"Channel", "capacity", "How many values it holds before a send has to wait."},
    {"Channel", "closed", "Whether close() was called."},
    {"Lock", "locked", "Whether a task holds it."},
    {"Lock", "holder", "The Task that holds it, or nil."},
    {"Semaphore", "value", "How many more tasks it lets in now."},
    {"Event", "is_set", "Whether it was set."},

    {"math", "pi", "The circle's circumference by its diameter, a Float."},
    {"math", "e", "The base of natural logarithms, a Float."},
    {"math", "inf", "The Float above all numbers; -math.inf is below them."},
    {"math", "nan", "The Float that is no number; it is equal to nothing, not even to itself."},
    {0},
};

const TgHelpTopic tg_help_topics[] = {
    {"let", "let name = value",
     "Declares a variable, which lives to the end of its block; without a value it is nil."},
    {"if else", "if condition { … } else if condition { … } else { … }",
     "Runs the first block whose condition is true; only nil and false are not."},
    {"while break continue", "while condition { … }",
     "Runs the block as long as the condition is true; break leaves the innermost loop, continue "
     "begins its next turn."},
    {"for", "for name in items { … }",
     "Runs the block for each item of a List, Map, String, Range or Channel, of a Function (until "
     "it gives nil) or of an "
     "instance with iter()."},
    {"fn return", "fn name(a, b = 2, *rest) { … }",
     "Makes a function; without a name it is an expression. Without a return it gives nil."},
    {"class self super", "class Name < Superclass { … }",
     "Makes a class; its methods reach the instance as self, and those of the superclass as "
     "super."},
    {"try except finally raise", "try { … } except Type as e { … } finally { … }",
     "Takes exceptions of a type out of the block; finally runs however the block was left; raise "
     "raises one."},
    {"with", "with resource as name { … }",
     "Enters the resource, runs the block, and calls its exit() once, however the block was left."},
    {"import from as", "import module as name",
     "Runs a file at its first import, or takes a standard module, and gives it a name here."},
    {"nursery", "nursery n { … }",
     "Starts tasks with `spawn`, and ends when all of them have ended: no task outlives its "
     "block."},
    {"spawn", "spawn f(x)",
     "Starts a task in the innermost nursery of this function, and gives the Task; the arguments "
     "are evaluated at once."},
    {"timeout", "timeout seconds { … } else { … }",
     "Cancels its block when the time is up, and then runs the else block, or raises Timeout "
     "without one."},
    {"shield", "shield seconds { … }",
     "Holds off cancellation and Ctrl-C from outside until the block ends, or for at most so many "
     "seconds."},
    {"select case", "select { case let v = channel.receive() { … } else { … } }",
     "Waits for the first of several operations that can go on, and does exactly that one."},
    {"and or not", "a and b, a or b, not a",
     "`and` gives a where a is false, else b; `or` gives a where a is true, else b; b is evaluated "
     "only if needed."},
    {"in is", "x in items, x is Type",
     "`in` asks for an item of a List, a key of a Map, a part of a String; `is` whether x is an "
     "instance of a class."},
    {"nil true false", "nil, true, false",
     "No value, and the two truth values; only nil and false count as false."},
    {"operators", "a ?? b, a // b, a ** b, a .. b, a if c else b, …",
     "From loosest to tightest, how expressions are built."},
    {"format", "\"{value:spec}\"",
     "How a value is shown inside of a String: width, sign, digits, alignment."},
    {"units", "250ms, 2s, 1.5min, 1h",
     "A number with a unit of time is a number of seconds: ns us ms s min h."},
    {"cancellation", "n.cancel(), timeout, a task that fails",
     "A cancelled task unwinds to the block that was cancelled: each finally runs, and no except "
     "sees it."},
    {"boundaries", "before a call, at the end of a loop's turn, in what waits",
     "The places at which a task can be switched, interrupted or cancelled; between them nothing "
     "can come in between."},
    {"Ctrl-C", "except Interrupt { … }",
     "Raises Interrupt in every task, at its next boundary; it is never lost, and each finally "
     "runs."},
    {0},
};

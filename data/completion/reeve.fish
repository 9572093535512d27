# Completion of reeve(1) for fish: verbs and options are those that --help lists, so that this file
# is never out of date.

function __reeve_verbs
    reeve --help 2>/dev/null | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\)  *\(.*\)/\1\t\2/p'
end

function __reeve_verb
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word --socket --admin-socket --timeout
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
            return
        end
    end
    return 1
end

function __reeve_options
    set -l verb (__reeve_verb)
    begin
        reeve --help 2>/dev/null
        test -n "$verb"; and reeve $verb --help 2>/dev/null
    end | sed -n 's/^ *\(-[a-z],\)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort -u
end

complete -c reeve -n 'not __reeve_verb >/dev/null' -f -a '(__reeve_verbs)'
complete -c reeve -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__reeve_options)'

# Completion of reeve(1) for fish: verbs and options are those that --help lists, so that this file
# is never out of date. A verb may have verbs of its own (reeve setup key).

function __reeve_verbs_of
    reeve $argv --help 2>/dev/null | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\)  *\(.*\)/\1\t\2/p'
end

# The verbs that stand in the line already.
function __reeve_said
    set -l skip 0
    set -l said
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
        else if contains -- $word --socket --admin-socket --timeout
            set skip 1
        else if not string match -q -- '-*' $word
            if not set -q said[1]; or __reeve_verbs_of $said | string match -qr -- "^$word\t"
                set -a said $word
            end
        end
    end
    printf '%s\n' $said
end

function __reeve_verbs
    __reeve_verbs_of (__reeve_said)
end

function __reeve_options
    set -l said (__reeve_said)
    begin
        reeve --help 2>/dev/null
        for i in (seq (count $said))
            reeve $said[1..$i] --help 2>/dev/null
        end
    end | sed -n 's/^ *\(-[a-z],\)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort -u
end

complete -c reeve -n 'count (__reeve_verbs) >/dev/null' -f -a '(__reeve_verbs)'
complete -c reeve -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__reeve_options)'

# fish completion for tasks. No word of the command line and no candidate is evaluated.

# __tasks_request asks for the candidates of the word at the cursor. It fails where the word is the name of a file.
function __tasks_request
    set --local typed (commandline --tokenize --cut-at-cursor --current-process)
    set --local raw (commandline --cut-at-cursor --current-token | string collect)
    set --local word (string unescape -- "$raw" | string collect)
    for quote in \' \" # an open one
        if test -z "$word" -a -n "$raw"
            set word (string unescape -- "$raw$quote" | string collect)
        end
    end
    while string match --quiet --regex '^\w+=' -- $typed[1]
        set --erase typed[1]
    end
    set --global __tasks_candidates
    test -n "$typed[1]"; or return 0
    set --local lines ($typed[1] __complete $typed[2..-1] "$word" 2>/dev/null)
    or return 0
    set --local directive (string replace --filter --regex '^:(\d+)$' '$1' -- $lines[-1])
    or return 0
    set --erase lines[-1]
    if test (math "bitand($directive, 1)") -ne 0
        return 0
    end
    if test (math "bitand($directive, 16)") -ne 0
        set __tasks_candidates (__fish_complete_directories "$word" '')
        return 0
    end
    # The values of --flag= come without the flag.
    set --local flag (string match --regex '^-[^=]*=' -- "$word")
    for line in $lines
        if test -n "$flag"; and not string match --quiet -- "$flag*" $line
            set line "$flag$line"
        end
        set --append __tasks_candidates $line
    end
    test (math "bitand($directive, 4)") -ne 0; or set --query __tasks_candidates[1]
end

complete --command tasks --erase
complete --command tasks --condition __tasks_request --no-files --keep-order --arguments '$__tasks_candidates'

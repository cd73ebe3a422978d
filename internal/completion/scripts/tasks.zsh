#compdef tasks
compdef _tasks tasks
# zsh completion for tasks. No word of the command line and no candidate is evaluated.

_tasks() {
    local program=${(Q)words[1]} current=${(Q)PREFIX} output directive line flag
    local -a typed lines candidates displays options
    # (Q) takes one level of quotes off, and expands nothing.
    typed=("${(@Q)words[2,CURRENT-1]}")
    [[ $program == '~/'* ]] && program=$HOME/${program#'~/'}
    output=$("$program" __complete "${typed[@]}" "$current" 2>/dev/null) || return 1
    lines=("${(@f)output}")
    directive=${lines[-1]#:}
    [[ ${lines[-1]} == :<-> ]] || return 1
    lines[-1]=()
    (( directive & 1 )) && return 1
    if (( directive & 16 )); then
        [[ $current == -*=* ]] && compset -P '*='
        _files -/
        return
    fi
    # The values of --flag= come without the flag.
    [[ $current == -*=* ]] && flag=${current%%=*}=
    for line in "${lines[@]}"; do
        [[ -z $line ]] && continue
        [[ -n $flag && ${line[1,${#flag}]} != "$flag" ]] && line=$flag$line
        candidates+=("${line%%$'\t'*}")
        [[ $line == *$'\t'* ]] && line="${line%%$'\t'*}  -- ${line#*$'\t'}"
        displays+=("$line")
    done
    if (( ! ${#candidates} )); then
        (( directive & 4 )) && return 1
        [[ $current == -*=* ]] && compset -P '*='
        _files
        return
    fi
    (( directive & 2 )) && options+=(-S '')
    [[ ${(j::)displays} == *'  -- '* ]] && options+=(-l)
    compadd "${options[@]}" -d displays -a candidates
}

# An autoloaded file is the body of the function at the first call.
if [[ ${funcstack[1]} == _tasks ]]; then
    _tasks "$@"
fi

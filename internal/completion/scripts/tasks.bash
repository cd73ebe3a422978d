# bash completion for tasks. No word of the command line and no candidate is evaluated.

# __tasks_unquote sets REPLY to a typed word without quotes and backslashes.
__tasks_unquote() {
    local word=$1 quote='' char next i
    REPLY=''
    for ((i = 0; i < ${#word}; i++)); do
        char=${word:i:1}
        if [[ $char == \\ && $quote != \' ]]; then
            i=$((i + 1))
            next=${word:i:1}
            [[ $quote == \" && $next != [\"\\\$\`] ]] && REPLY+=\\
            REPLY+=$next
        elif [[ -n $quote && $char == "$quote" ]]; then
            quote=''
        elif [[ -z $quote && $char == [\"\'] ]]; then
            quote=$char
        else
            REPLY+=$char
        fi
    done
}

# __tasks_quote sets REPLY to the rest of a candidate, quoted for the place behind a typed beginning.
__tasks_quote() {
    local rest=$1 typed=$2
    case $typed in
    \'*) REPLY=${rest//\'/\'\\\'\'} ;;
    \"*)
        REPLY=${rest//\\/\\\\}
        REPLY=${REPLY//\"/\\\"}
        REPLY=${REPLY//\$/\\\$}
        REPLY=${REPLY//\`/\\\`}
        ;;
    *)
        REPLY=$rest
        [[ $rest == *[!A-Za-z0-9_./:=@,+-]* ]] && printf -v REPLY %q "$rest"
        ;;
    esac
}

# __tasks_compopt sets an option of this completion, where bash can.
__tasks_compopt() { [[ $(type -t compopt) == builtin ]] && compopt "$@"; }

__tasks_complete() {
    local line=${COMP_LINE:0:COMP_POINT} words=() trimmed piece i REPLY
    # Bash splits words at = : and @ too. Pieces without a space between are one word.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        trimmed=${line#"${line%%[![:space:]]*}"}
        ((i == COMP_CWORD)) && piece=$trimmed
        if [[ $i == 0 || $trimmed != "$line" || ${#words[@]} == 0 ]]; then
            words+=("$piece")
        else
            words[${#words[@]} - 1]+=$piece
        fi
        line=${trimmed#"$piece"}
    done
    local raw=${words[${#words[@]} - 1]} tail
    local typed=()
    for piece in "${words[@]}"; do
        __tasks_unquote "$piece"
        typed+=("$REPLY")
    done
    local program=${typed[0]} current=${typed[${#typed[@]} - 1]}
    [[ $program == '~/'* ]] && program=$HOME/${program#'~/'}
    # Bash replaces only the piece behind the last = or : of a word without quotes, or from the last @ on.
    tail=$raw
    if [[ $raw != [\"\']* ]]; then
        for piece in = :; do
            [[ $COMP_WORDBREAKS == *"$piece"* ]] && tail=${tail##*"$piece"}
        done
        [[ $COMP_WORDBREAKS == *@* && $tail == *@* ]] && tail=@${tail##*@}
    fi
    __tasks_unquote "${raw%"$tail"}"
    local head=$REPLY flag=''
    [[ $current == -*=* ]] && flag=${current%%=*}=

    local output directive
    output=$("$program" __complete "${typed[@]:1}" 2>/dev/null) || return
    directive=${output##*:}
    output=${output%:*}
    [[ $directive =~ ^[0-9]+$ ]] || return
    ((directive & 1)) && return
    if ((directive & 16)); then
        __tasks_compopt +o default -o dirnames
        return
    fi
    ((directive & 2)) && __tasks_compopt -o nospace
    ((directive & 4)) && __tasks_compopt +o default

    local names=() descriptions=() name width=0
    while IFS= read -r line; do
        name=${line%%$'\t'*}
        # The values of --flag= come without the flag.
        [[ -n $flag && ${name:0:${#flag}} != "$flag" ]] && name=$flag$name
        [[ -z $line || ${name:0:${#current}} != "$current" ]] && continue
        __tasks_quote "${name:${#head}}" "$tail"
        names+=("$REPLY")
        [[ $line == *$'\t'* ]] && descriptions+=("${line#*$'\t'}") || descriptions+=('')
        ((${#REPLY} > width)) && width=${#REPLY}
    done <<<"$output"
    for i in "${!names[@]}"; do
        # Only a list of several shows descriptions. 37 and 42 insert one candidate after the other.
        if [[ -n ${descriptions[i]} && ${#names[@]} -gt 1 && $COMP_TYPE != 37 && $COMP_TYPE != 42 ]]; then
            printf -v piece '%-*s  (%s)' "$width" "${names[i]}" "${descriptions[i]}"
            COMPREPLY+=("${piece:0:$((${COLUMNS:-80} - 1 > width ? ${COLUMNS:-80} - 1 : width))}")
        else
            COMPREPLY+=("${names[i]}")
        fi
    done
}

complete -o default -F __tasks_complete tasks

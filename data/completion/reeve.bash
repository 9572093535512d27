# Completion of reeve(1) for bash: verbs and options are those that --help lists, so that this file
# is never out of date. A verb may have verbs of its own (reeve setup key).

_reeve_options() { reeve "$@" --help 2>/dev/null | sed -n 's/^ *\(-[a-z],\)\{0,1\}\(--[a-z-]*\).*/\2/p'; }

_reeve_verbs() { reeve "$@" --help 2>/dev/null | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'; }

_reeve() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verbs=() i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --) return ;;
      --socket | --admin-socket | --timeout) ((i++)) ;;
      -*) ;;
      *) if ((${#verbs[@]} == 0)) || _reeve_verbs "${verbs[@]}" | grep -qxF -- "${COMP_WORDS[i]}"; then
           verbs+=("${COMP_WORDS[i]}")
         fi ;;
    esac
  done
  case $previous in
    --socket | --admin-socket | --user-token-file | --registries | --presets) return ;;
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_reeve_options; for ((i = 1; i <= ${#verbs[@]}; i++)); do
      _reeve_options "${verbs[@]:0:i}"; done)" -- "$current" | sort -u)
  else
    mapfile -t COMPREPLY < <(compgen -W "$(_reeve_verbs "${verbs[@]}")" -- "$current")
  fi
}

complete -o default -F _reeve reeve

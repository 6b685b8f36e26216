# Prints names that the route files have: those of --routes in the line so far, else those beside serai. Nothing is started.
# $1: flows, targets, flow-targets or routes
_serai_names() {
  local serai word option= base files=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
      -*) option=$word ;;
      *) [ "$option" != --routes ] || files+=(${word/#\~/$HOME}) ;;
    esac
  done
  if [ ${#files[@]} -eq 0 ]; then
    serai=$(command -v "${COMP_WORDS[0]/#\~/$HOME}") || return 0
    serai=$(readlink -f "$serai" 2> /dev/null || echo "$serai")
    base=$(cd -P "$(dirname "$serai")" 2> /dev/null && pwd) || return 0
    files=("$base"/routes)
  fi
  for word in "${files[@]}"; do
    if [ -d "$word" ]; then
      cat "$word"/*.yaml "$word"/*.yml "$word"/*.xml 2> /dev/null
    elif [ -f "$word" ]; then
      cat "$word"
    fi
  done | awk -v kind="$1" '
    /^[ \t]*#/ { next }
    /- route:|<route[ >]/ { flow = ""; isHead = 1 }
    {
      line = $0
      while (match(line, /ledger:[A-Za-z0-9_.-]+|[^A-Za-z0-9_](target|id)["'\'']?[:=][ ]*["'\'']?[A-Za-z0-9_.-]+/)) {
        found = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        if (found ~ /^ledger:/) {
          flow = substr(found, 8)
          if (kind == "flows" || kind == "routes") print flow
        } else {
          isTarget = found ~ /^.target/
          sub(/^.(target|id)["'\'']?[:=][ ]*["'\'']?/, "", found)
          if (isTarget && flow != "") {
            if (kind == "targets") print found
            else if (kind != "flows") print flow "/" found
          } else if (!isTarget && isHead) {
            isHead = 0
            if (kind == "routes") print found
          }
        }
      }
      if ($0 ~ /from:|<from/) isHead = 0
    }' | sort -u
}


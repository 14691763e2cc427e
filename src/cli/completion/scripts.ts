export type Shell = 'bash' | 'zsh' | 'fish';

export const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

/** What a shell runs to complete `halyard`. It asks the command itself, so that it never needs to be made again. */
export const completionScript = (shell: Shell): string => ({ bash, zsh, fish })[shell];

// Each asks `halyard complete -- WORDS…`, which answers with a word a line, and behind a tab what it means. A line `:files`
// asks for files.

// Plain bash, without the functions of bash-completion. Words are taken from the line itself: bash would break keys at `:`
// and options at `=`. Quotes around an address aren't part of it.
const bash = `# halyard completion for bash
# In ~/.bashrc:  source <(halyard completion bash)
_halyard_completion() {
  local line="\${COMP_LINE:0:COMP_POINT}" word answer
  local -a words=()
  local quotes=$'[\\'"]'
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=('')
  words=("\${words[@]//$quotes/}")
  word="\${words[\${#words[@]}-1]}"
  # What bash takes for the word begins after its last break.
  local shown="\${COMP_WORDS[COMP_CWORD]//$quotes/}"
  [[ "$shown" == [=:] ]] && shown=''
  local before="\${word:0:\${#word}-\${#shown}}"
  COMPREPLY=()
  while IFS= read -r answer; do
    if [[ "$answer" == ':files' ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r answer; do COMPREPLY+=("$answer"); done < <(compgen -f -- "$shown")
    elif [[ -n "$answer" ]]; then
      answer="\${answer%%$'\\t'*}"
      COMPREPLY+=("\${answer:\${#before}}")
    fi
  done < <("\${words[0]}" complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _halyard_completion halyard`;

const zsh = `#compdef halyard
# halyard completion for zsh
# In ~/.zshrc, after compinit:  source <(halyard completion zsh)
_halyard() {
  local answer
  local -a found
  local files=0
  while IFS= read -r answer; do
    if [[ "$answer" == ':files' ]]; then
      files=1
    elif [[ "$answer" == *$'\\t'* ]]; then
      found+=("\${\${answer%%$'\\t'*}//:/\\\\:}:\${answer#*$'\\t'}")
    elif [[ -n "$answer" ]]; then
      found+=("\${answer//:/\\\\:}")
    fi
  done < <("\${words[1]}" complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)
  (( \${#found} )) && _describe -V 'halyard' found
  (( files )) && _files
}
if [[ "\${funcstack[1]}" == _halyard ]]; then _halyard "$@"; else compdef _halyard halyard; fi`;

const fish = `# halyard completion for fish
# In ~/.config/fish/config.fish:  halyard completion fish | source
function __halyard_completion
    set -l words (commandline -opc) (commandline -ct)
    for answer in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        if test "$answer" = ':files'
            __fish_complete_path (commandline -ct)
        else
            echo $answer
        end
    end
end
complete -c halyard -f -k -a '(__halyard_completion)'`;

export type Shell = 'bash' | 'zsh';

export const SHELLS: readonly Shell[] = ['bash', 'zsh'];

/** What a shell runs to complete `halyard`. It asks the command itself, so that it never needs to be made again. */
export const completionScript = (shell: Shell): string => (shell === 'bash' ? bash : zsh);

// Plain bash, without the functions of bash-completion. Words are taken from the line itself: bash would break keys at `:`
// and options at `=`. A line `:files` among the answers asks for files.
const bash = `# halyard completion for bash
# In ~/.bashrc:  source <(halyard completion bash)
_halyard_completion() {
  local line="\${COMP_LINE:0:COMP_POINT}" word answer
  local -a words=()
  read -ra words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=('')
  word="\${words[\${#words[@]}-1]}"
  # What bash takes for the word begins after its last break.
  local shown="\${COMP_WORDS[COMP_CWORD]}"
  [[ "$shown" == [=:] ]] && shown=''
  local before="\${word:0:\${#word}-\${#shown}}"
  COMPREPLY=()
  while IFS= read -r answer; do
    if [[ "$answer" == ':files' ]]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r answer; do COMPREPLY+=("$answer"); done < <(compgen -f -- "$shown")
    elif [[ -n "$answer" ]]; then
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
    if [[ "$answer" == ':files' ]]; then files=1; elif [[ -n "$answer" ]]; then found+=("$answer"); fi
  done < <("\${words[1]}" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#found} )) && compadd -a found
  (( files )) && _files
}
if [[ "\${funcstack[1]}" == _halyard ]]; then _halyard "$@"; else compdef _halyard halyard; fi`;

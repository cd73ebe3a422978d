# PowerShell completion for tasks. No word of the command line and no candidate is evaluated.

Register-ArgumentCompleter -Native -CommandName 'tasks' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $current = ''
    $typed = @(foreach ($element in $commandAst.CommandElements) {
        if ($element.Extent.StartOffset -ge $cursorPosition) { break }
        # A text in quotes has a value. Any other expression stays as typed.
        $text = $element.Extent.Text
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $text = $element.Value }
        if ($element.Extent.EndOffset -ge $cursorPosition) { $current = $text } else { $text }
    })
    if ($typed.Count -eq 0) { return }

    $arguments = @('__complete') + @($typed | Select-Object -Skip 1) + @($current)
    # Before 7.3 PowerShell drops empty arguments, and the double quotes within arguments.
    if (-not $PSNativeCommandArgumentPassing -or "$PSNativeCommandArgumentPassing" -eq 'Legacy') {
        $arguments = @($arguments | ForEach-Object { if ($_ -eq '') { '""' } else { $_ -replace '(\\*)"', '$1$1\"' } })
    }
    $lines = @(& $typed[0] @arguments 2>$null)
    if ($lines.Count -eq 0 -or $lines[-1] -notmatch '^:(\d+)$') { return }
    $directive = [int]$Matches[1]
    if ($directive -band 1) { return }

    # The values of --flag= come without the flag.
    $flag = ''
    if ($current -match '^-[^=]*=') { $flag = $Matches[0] }
    $results = @(foreach ($line in ($lines | Select-Object -SkipLast 1)) {
        $name, $description = $line -split "`t", 2
        if ($flag -and -not $name.StartsWith($flag, [StringComparison]::Ordinal)) { $name = $flag + $name }
        if (-not $name -or -not $name.StartsWith($current, [StringComparison]::Ordinal)) { continue }
        if (-not $description) { $description = $name }
        $insert = $name
        if ($name -notmatch '^[A-Za-z0-9_./:=+-][A-Za-z0-9_./:=+@-]*$') {
            $content = [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($name)
            $insert = "'" + $content + "'"
        }
        [System.Management.Automation.CompletionResult]::new($insert, $name, 'ParameterValue', $description)
    })
    # An empty text keeps PowerShell from the completion of files.
    if ($results.Count -eq 0 -and ($directive -band 4)) { return '' }
    $results
}

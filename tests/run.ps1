# Does on Windows what ./test does elsewhere, for test.cmd: builds everything when a source changed, then runs Unit and
# Engine side by side, or with the word slow the slow tests. Further options go to the runners. The last line counts all
# tests; a process that dies counts as a failed one.
$logs = Join-Path (Split-Path -Parent $PSScriptRoot) 'artifacts'
$names = @('Unit', 'Engine')
$options = @($args)
if ($options.Count -gt 0 -and $options[0] -eq 'slow') {
    $names = @('Slow')
    $options = @($options | Select-Object -Skip 1)
}
if ($options -notcontains '-reporter') { $options = @('-reporter', 'verbose') + $options }
if (-not $env:OMP_WAIT_POLICY) { $env:OMP_WAIT_POLICY = 'passive' }

New-Item -ItemType Directory -Force $logs | Out-Null
$build = Join-Path $logs 'build.log'
$solution = Join-Path (Split-Path -Parent $PSScriptRoot) 'Retort.slnx'
& dotnet build $solution -c Release --nologo -v quiet -clp:ErrorsOnly > $build
if ($LASTEXITCODE -ne 0) {
    Get-Content $build
    'The build failed.'
    '0 passed, 1 failed'
    exit 1
}

$words = ($options | ForEach-Object { '"' + ($_ -replace '"', '\"') + '"' }) -join ' '
$running = foreach ($name in $names) {
    $program = Join-Path $logs "bin/Retort.Tests.$name/release/Retort.Tests.$name"
    if ($env:OS -eq 'Windows_NT') { $program += '.exe' }
    $log = Join-Path $logs "test.$name.log"
    $process = Start-Process -FilePath $program -ArgumentList "-noColor $words" -NoNewWindow -PassThru `
        -RedirectStandardOutput $log -RedirectStandardError "$log.errors"
    $null = $process.Handle             # else the exit code cannot be asked for later
    [pscustomobject]@{ Name = $name; Process = $process; Log = $log }
}

$passed = 0; $failed = 0; $skipped = 0; $worst = 0
$deaths = @()
$times = @()
foreach ($one in $running) {
    $one.Process.WaitForExit()
    $code = $one.Process.ExitCode
    $lines = @(Get-Content $one.Log) + @(Get-Content "$($one.Log).errors")
    $lines | Where-Object { $_ -notmatch '^ +.* \[(STARTING|FINISHED)\]( Time: [0-9.,]+ ?s)?$' }
    foreach ($line in $lines) {
        if ($line -match '^ *(.*) \[FINISHED\] Time: ([0-9.,]+) *s$') {
            $times += [pscustomobject]@{ Seconds = [double]$Matches[2].Replace(',', '.'); Test = $Matches[1] }
        }
    }
    $when = ''
    $counts = $lines | Select-String 'Total: (\d+), Errors: (\d+), Failed: (\d+), Skipped: (\d+)' |
        Select-Object -Last 1
    if ($counts) {
        $total, $errors, $broken, $left = $counts.Matches[0].Groups[1..4].Value | ForEach-Object { [int]$_ }
        $passed += $total - $broken - $left
        $failed += $errors + $broken
        $skipped += $left
        if ($code -ne 0 -and $errors + $broken -eq 0) { $when = 'after it had counted' }
    }
    elseif ($code -ne 0) { $when = 'before it could count' }
    if ($when) {
        $failed += 1
        $last = $lines | Select-String '^ *(.*) \[STARTING\]$' | Select-Object -Last 1
        $deaths += "$($one.Name) ended with code $code $when" +
            $(if ($last) { "; the last test to begin was $($last.Matches[0].Groups[1].Value)" }) + '.'
    }
    if ($worst -eq 0) { $worst = $code }
}

if ($times) {
    'The slowest tests, in seconds:'
    $times | Sort-Object Seconds -Descending | Select-Object -First 20 |
        ForEach-Object { [string]::Format([cultureinfo]::InvariantCulture, '{0:0.000} {1}', $_.Seconds, $_.Test) }
}
$deaths
if ($failed -gt 0 -and $worst -eq 0) { $worst = 1 }
"$passed passed, $failed failed" + $(if ($skipped) { ", $skipped skipped" })
exit $worst

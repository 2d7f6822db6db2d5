@echo off
rem Builds everything when a source changed, then runs the tests; options go to the runner.
setlocal
set "here=%~dp0"
set "log=%here%artifacts\test.log"
if not exist "%here%artifacts" mkdir "%here%artifacts"
dotnet build "%here%Retort.slnx" -c Release --nologo -v quiet -clp:ErrorsOnly > "%here%artifacts\build.log" 2>&1
if errorlevel 1 (
    type "%here%artifacts\build.log" 1>&2
    echo 0 passed, 1 failed: the build
    exit /b 1
)
"%here%artifacts\bin\Retort.Tests\release\Retort.Tests.exe" -noColor %* > "%log%" 2>&1
set "code=%errorlevel%"
type "%log%"
powershell -NoProfile -Command "$m = Select-String -Path '%log%' -Pattern 'Total: (\d+), Errors: (\d+), Failed: (\d+), Skipped: (\d+)' | Select-Object -Last 1; if (-not $m) { if (%code% -eq 0) { '0 passed, 0 failed' } else { '0 passed, 1 failed: the test process ended with code %code% before it could count' }; exit }; $t, $e, $f, $s = $m.Matches[0].Groups[1..4].Value | ForEach-Object { [int]$_ }; $line = \"$($t - $f - $s) passed, $($e + $f) failed\"; if ($s) { $line += \", $s skipped\" }; $line"
exit /b %code%

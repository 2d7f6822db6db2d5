@echo off
rem Builds when a source changed, then runs. Needs the .NET SDK and nothing else.
setlocal
set "here=%~dp0"
set "program=%here%artifacts\bin\Retort.Cli\release\Retort.Cli.exe"
set "stamp=%here%artifacts\retort.stamp"
powershell -NoProfile -Command "$s = Get-Item -ErrorAction SilentlyContinue '%stamp%'; if (-not $s -or -not (Test-Path '%program%')) { exit 1 }; $all = @(Get-ChildItem -Recurse '%here%src') + @(Get-Item '%here%src', '%here%*.props', '%here%*.targets', '%here%*.json', '%here%BannedSymbols*.txt', '%here%.editorconfig'); if ($all | Where-Object LastWriteTimeUtc -gt $s.LastWriteTimeUtc | Select-Object -First 1) { exit 1 }"
if not errorlevel 1 goto run
if not exist "%here%artifacts" mkdir "%here%artifacts"
type nul > "%stamp%.new"
dotnet build "%here%src\Retort.Cli" -c Release --nologo -v quiet -clp:ErrorsOnly > "%here%artifacts\build.log" 2>&1
if errorlevel 1 (
    type "%here%artifacts\build.log" 1>&2
    exit /b 1
)
move /y "%stamp%.new" "%stamp%" > nul
:run
set "RETORT_CALLED=%~0"
"%program%" %*
exit /b %errorlevel%

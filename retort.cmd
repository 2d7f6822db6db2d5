@echo off
rem Builds if a source file changed, then runs. Needs only the .NET SDK.
setlocal
set "here=%~dp0"
set "program=%here%artifacts\bin\Retort.Cli\release\Retort.Cli.exe"
set "stamp=%here%artifacts\retort.stamp"
set "check=$s = Get-Item -ErrorAction SilentlyContinue '%stamp%';"
set "check=%check% if (-not $s -or -not (Test-Path '%program%')) { exit 1 };"
set "check=%check% $all = @(Get-ChildItem -Recurse '%here%src') + @(Get-Item '%here%src', '%here%*.props',"
set "check=%check% '%here%*.targets', '%here%global.json', '%here%BannedSymbols*.txt', '%here%.editorconfig');"
set "check=%check% if ($all | Where-Object LastWriteTimeUtc -gt $s.LastWriteTimeUtc | Select-Object -First 1)"
set "check=%check% { exit 1 }"
powershell -NoProfile -Command "%check%"
if not errorlevel 1 goto run
if not exist "%here%artifacts" mkdir "%here%artifacts"
if not exist "%program%" echo Building Retort, which takes about a minute the first time ... 1>&2
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

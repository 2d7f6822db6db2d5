@echo off
rem Builds everything when a source changed, then runs the tests; with the word slow, the slow ones. Options go to them.
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0tests\run.ps1" %*
exit /b %errorlevel%

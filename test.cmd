@echo off
rem Builds everything when a source changed, then runs the tests; options go to the runners. test slow runs the slow ones.
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0tests\run.ps1" %*
exit /b %errorlevel%
